//! What Keycloak's exports and servers say, in French.

/// English as the sources write it, and French.
pub(super) const REASONS: &[(&str, &str)] = &[
    // --- rows ---
    ("the user has neither id nor username", "l'utilisateur n'a ni id ni username"),
    ("the user has no username", "l'utilisateur n'a pas de username"),
    ("the user is there twice", "l'utilisateur y est deux fois"),
    ("the role has no name", "le rôle n'a pas de nom"),
    ("the group has neither name nor path", "le groupe n'a ni nom ni chemin"),
    ("one object is longer than 128 MiB", "un objet dépasse 128 Mio"),
    // --- users of directories ---
    (
        ": users also come from the directory {}, and none of them is in the export: an export holds only those that Keycloak has copied. Synchronise all users in Keycloak and export again, or harvest the directory itself",
        " : des utilisateurs viennent aussi de l'annuaire {}, et aucun n'est dans l'export : un export ne contient que ceux que Keycloak a copiés. Synchroniser tous les utilisateurs dans Keycloak et refaire l'export, ou collecter l'annuaire lui-même",
    ),
    (
        ": users also come from the directory {}, and the server listed none of them: check in Keycloak that the directory answers (User federation, Test connection)",
        " : des utilisateurs viennent aussi de l'annuaire {}, et le serveur n'en a donné aucun : vérifier dans Keycloak que l'annuaire répond (User federation, Test connection)",
    ),
    (
        ": users also come from the directory {}; those that never logged in and were not synchronised are not in an export",
        " : des utilisateurs viennent aussi de l'annuaire {} ; ceux qui ne se sont jamais connectés et n'ont pas été synchronisés ne sont pas dans un export",
    ),
    // --- exports ---
    (
        "is binary, not JSON: give the files that `kc.sh export` writes",
        "est binaire, pas du JSON : donner les fichiers qu'écrit `kc.sh export`",
    ),
    (
        "is no realm export ({}): give the files that `kc.sh export` writes",
        "n'est pas un export de royaume ({}) : donner les fichiers qu'écrit `kc.sh export`",
    ),
    ("a realm export, or a list of them", "un export de royaume, ou une liste d'exports"),
    ("a list of users", "une liste d'utilisateurs"),
    ("cannot be read beyond line {} ({}): export again", "ne peut pas être lu au-delà de la ligne {} ({}) : refaire l'export"),
    (
        "is JSON without `realm`: give the files that `kc.sh export` writes",
        "est du JSON sans `realm` : donner les fichiers qu'écrit `kc.sh export`",
    ),
    ("the object has no `realm`, so nobody can say whose it is", "l'objet n'a pas de `realm`, et nul ne peut dire à qui il est"),
    (
        "the realm \"{}\" is in none of the files (they hold: {})",
        "le royaume « {} » n'est dans aucun des fichiers (ils contiennent : {})",
    ),
    (
        ": only users were given; add {}, which holds its roles and groups",
        " : seuls des utilisateurs ont été donnés ; ajouter {}, qui contient ses rôles et ses groupes",
    ),
    (
        ": the export holds no users (the console's partial export never does): export with `{}`",
        " : l'export ne contient pas d'utilisateurs (l'export partiel de la console n'en contient jamais) : exporter avec `{}`",
    ),
    (" missing: add them, or export again", " manquent : les ajouter, ou refaire l'export"),
    // --- captures ---
    (
        "is no line of a capture: it was cut or changed; take the capture from the store again",
        "n'est pas une ligne de capture : elle a été coupée ou modifiée ; reprendre la capture dans le magasin",
    ),
    (
        "is no header of this version: take the capture from the store again",
        "n'est pas un en-tête de cette version : reprendre la capture dans le magasin",
    ),
    ("cannot be opened: {}", "ne peut pas être ouvert : {}"),
    (
        "is the capture of a live harvest: it is read alone, without other files",
        "est la capture d'une collecte en direct : elle se lit seule, sans autres fichiers",
    ),
    ("is not in the capture", "n'est pas dans la capture"),
    ("the capture cannot be read: {}", "la capture ne peut pas être lue : {}"),
    ("the capture changed while it was read", "la capture a changé pendant la lecture"),
    // --- the server's answers ---
    ("the answer is no list; check `url`", "la réponse n'est pas une liste ; vérifier `url`"),
    ("the answer is no JSON or was cut ({})", "la réponse n'est pas du JSON ou a été coupée ({})"),
    (
        "the server shows only the realm's name: give the service account view-realm of realm-management",
        "le serveur ne montre que le nom du royaume : donner au compte de service view-realm de realm-management",
    ),
    (
        "a composite role contains the role {}, which the server does not list: harvest again",
        "un rôle composite contient le rôle {}, que le serveur ne liste pas : collecter de nouveau",
    ),
    (
        "the server counts {} groups and listed {}: harvest again when nobody changes them",
        "le serveur compte {} groupes et en a donné {} : collecter de nouveau quand personne ne les modifie",
    ),
    ("the server does not count its groups", "le serveur ne compte pas ses groupes"),
    ("the server does not count its users", "le serveur ne compte pas ses utilisateurs"),
    (
        "directories that users come from cannot be listed",
        "les annuaires d'où viennent des utilisateurs ne peuvent pas être listés",
    ),
    (
        "the server gave no count of its users to compare with",
        "le serveur n'a pas donné le nombre de ses utilisateurs, à quoi comparer",
    ),
    (
        "the server counts {} users and listed {}: the client may not see them all (view-users), or they changed meanwhile: harvest again",
        "le serveur compte {} utilisateurs et en a donné {} : le client ne peut pas tous les voir (view-users), ou ils ont changé entre-temps : collecter de nouveau",
    ),
    (
        "the server listed {} users and counts {}: they changed meanwhile: harvest again",
        "le serveur a donné {} utilisateurs et en compte {} : ils ont changé entre-temps : collecter de nouveau",
    ),
    (
        "users hold roles or groups and were not listed (the first: {}): harvest again",
        "utilisateurs détiennent des rôles ou des groupes et n'ont pas été donnés (le premier : {}) : collecter de nouveau",
    ),
    ("the list of users broke off after {}: ", "la liste des utilisateurs s'est interrompue après {} : "),
    ("the service account of the client {} could not be read: ", "le compte de service du client {} n'a pas pu être lu : "),
    (
        "effective roles could not be cross-checked with the server's",
        "les rôles effectifs n'ont pas pu être recoupés avec ceux du serveur",
    ),
    (
        "the realm roles of {} are not those the server computes (they differ in {})",
        "les rôles de royaume de {} ne sont pas ceux que le serveur calcule (ils diffèrent par {})",
    ),
    ("the {} could not be read: ", "lecture impossible, {} : "),
    ("holders of the role ", "détenteurs du rôle "),
    ("members of the group ", "membres du groupe "),
    (
        "links to identity providers are not shown to this client (view-identity-providers)",
        "les liens vers les fournisseurs d'identité ne sont pas montrés à ce client (view-identity-providers)",
    ),
    ("links to the identity provider {} cannot be read", "les liens vers le fournisseur d'identité {} ne peuvent pas être lus"),
    (
        "the realm keeps no login events, or they are not asked for: last logins are not known",
        "le royaume ne garde pas les événements de connexion, ou ils ne sont pas demandés : les dernières connexions ne sont pas connues",
    ),
    ("login events cannot be read further", "les événements de connexion ne peuvent pas être lus plus loin"),
    (
        "the newest {} login events were read (login_events = {}); older ones are not known",
        "les {} événements de connexion les plus récents ont été lus (login_events = {}) ; les plus anciens ne sont pas connus",
    ),
    // --- refusals and connections ---
    (
        "the server sends elsewhere: give its final address as `url`",
        "le serveur renvoie ailleurs : donner son adresse finale dans `url`",
    ),
    (
        "the token is refused: check that `auth_realm` is the realm of the client",
        "le jeton est refusé : vérifier que `auth_realm` est le royaume du client",
    ),
    (
        "the service account of {} lacks a right: give it {} of realm-management (in the realm master: of {})",
        "il manque un droit au compte de service de {} : lui donner {} de realm-management (dans le royaume master : de {})",
    ),
    (
        "the service account of {} lacks {}: Keycloak would leave out what it may not see without saying so. Give it these roles of realm-management (in the realm master: of {})",
        "il manque au compte de service de {} : {}. Keycloak tairait, sans le dire, ce qu'il ne peut pas voir. Lui donner ces rôles de realm-management (dans le royaume master : de {})",
    ),
    (
        "not found: check `realm` = \"{}\" and `url` (before version 17 it ends with /auth)",
        "introuvable : vérifier `realm` = « {} » et `url` (avant la version 17, elle finit par /auth)",
    ),
    ("the server failed: look in its log at this time", "le serveur a échoué : regarder son journal à cette heure"),
    ("no such host: check the name in `url` and the resolver", "hôte inconnu : vérifier le nom dans `url` et le service de noms"),
    (
        "no answer in time ({}): raise timeout_seconds if the server is slow",
        "pas de réponse à temps ({}) : augmenter timeout_seconds si le serveur est lent",
    ),
    ("the answer is longer than 64 MiB: lower page_size", "la réponse dépasse 64 Mio : diminuer page_size"),
    (
        "the certificate comes from an authority that is not trusted",
        "le certificat vient d'une autorité qui n'a pas la confiance de cette machine",
    ),
    ("give that authority's certificate as ca_file", "donner le certificat de cette autorité dans ca_file"),
    ("the server's certificate has expired", "le certificat du serveur a expiré"),
    ("have it renewed", "le faire renouveler"),
    ("the certificate is for another name", "le certificat est celui d'un autre nom"),
    ("use the name it was made for in `url`", "écrire dans `url` le nom pour lequel il a été fait"),
    ("the server does not speak TLS there", "le serveur ne parle pas TLS à cet endroit"),
    ("check scheme and port of `url`", "vérifier le début et le port de `url`"),
    (
        "the connection failed ({}): check that the server runs and can be reached from here",
        "la connexion a échoué ({}) : vérifier que le serveur tourne et qu'il est joignable d'ici",
    ),
    ("(tried {} times)", "({} essais)"),
    ("the token endpoint answered without access_token", "le service de jetons a répondu sans access_token"),
    ("the token endpoint gave no token", "le service de jetons n'a pas donné de jeton"),
    ("the token endpoint's answer was cut", "la réponse du service de jetons a été coupée"),
    (
        "the client {} is refused ({}): check client_id and the secret, and that the client is confidential with \"Service accounts roles\" switched on",
        "le client {} est refusé ({}) : vérifier client_id et le secret, et que le client est confidentiel avec « Service accounts roles » activé",
    ),
    ("ca_file {} is no PEM: {}", "ca_file {} n'est pas du PEM : {}"),
    (
        "ca_file {} holds no certificate: it must have -----BEGIN CERTIFICATE-----",
        "ca_file {} ne contient aucun certificat : il doit contenir -----BEGIN CERTIFICATE-----",
    ),
    ("verified against the public authorities", "vérifié par les autorités publiques"),
    ("verified against {}", "vérifié par {}"),
    (": status {}: ", " : code {} : "),
];
