//! What live directories say, in French: limits and refusals of servers, connections, TLS, and what came broken.

/// English as the sources write it, and French.
pub(super) const REASONS: &[(&str, &str)] = &[
    // --- what the server sent ---
    (
        "the server sent {}: it is no directory, or it is damaged or hostile; nothing more is read from it",
        "le serveur a envoyé {} : ce n'est pas un annuaire, ou il est abîmé ou hostile ; rien de plus n'en est lu",
    ),
    ("something that is not LDAP", "autre chose que du LDAP"),
    ("an element that ends outside the one it is in", "un élément qui finit hors de celui qui le contient"),
    ("a length that LDAP does not allow", "une longueur que LDAP ne permet pas"),
    ("a message of {} bytes, more than the {} that are accepted", "un message de {} octets, plus que les {} acceptés"),
    ("elements nested more than {} deep", "des éléments imbriqués sur plus de {} niveaux"),
    ("a message of more than {} elements", "un message de plus de {} éléments"),
    ("a value of {} bytes, more than the {} that are accepted", "une valeur de {} octets, plus que les {} acceptés"),
    ("a message whose parts are not those of its kind", "un message dont les parties ne sont pas celles de son genre"),
    ("text that is not UTF-8", "un texte qui n'est pas de l'UTF-8"),
    ("an attribute whose name is none", "un attribut dont le nom n'en est pas un"),
    ("one empty page after the other", "une page vide après l'autre"),
    // --- connections ---
    (
        "the name {} cannot be resolved ({}): check the url, or the name service of this machine",
        "le nom {} ne peut pas être résolu ({}) : vérifier url, ou le service de noms de cette machine",
    ),
    (
        "nothing answers there ({}): check host and port, that the directory runs, and that no firewall stands between",
        "rien ne répond là ({}) : vérifier l'hôte et le port, que l'annuaire tourne, et qu'aucun pare-feu n'est entre les deux",
    ),
    (
        "no connection within {} seconds: check host, port and firewall, or give it longer (connect_timeout)",
        "pas de connexion en {} secondes : vérifier hôte, port et pare-feu, ou laisser plus de temps (connect_timeout)",
    ),
    ("the connection broke ({})", "la connexion s'est rompue ({})"),
    (
        "the server was silent for {} seconds: ask for a smaller part (base, filter, page_size) or give it longer (timeout)",
        "le serveur s'est tu {} secondes : demander une partie plus petite (base, filter, page_size) ou laisser plus de temps (timeout)",
    ),
    ("it has no address", "il n'a pas d'adresse"),
    ("the server hung up instead of answering", "le serveur a raccroché au lieu de répondre"),
    ("the server hung up in the middle of a message", "le serveur a raccroché au milieu d'un message"),
    ("the server hung up in the middle of a sealed buffer", "le serveur a raccroché au milieu d'un bloc scellé"),
    ("the server hung up", "le serveur a raccroché"),
    ("the server disconnects us", "le serveur nous déconnecte"),
    ("the server broke the exchange off", "le serveur a rompu l'échange"),
    ("no connection", "pas de connexion"),
    ("the machine gives no more threads or files: {}", "la machine ne donne plus de fils d'exécution ni de fichiers : {}"),
    (
        "what was received could not be kept aside ({}): free some space in the folder for temporary files",
        "ce qui a été reçu n'a pas pu être mis de côté ({}) : libérer de la place dans le dossier des fichiers temporaires",
    ),
    // --- TLS ---
    (
        "the server's certificate was issued by an authority that is not trusted here ({}): name that authority's PEM file in ca_file",
        "le certificat du serveur vient d'une autorité qui n'a pas la confiance de cette machine ({}) : nommer le fichier PEM de cette autorité dans ca_file",
    ),
    (
        "the server's certificate has expired, or is not valid yet ({}): have it renewed, and check the clock of this machine",
        "le certificat du serveur a expiré, ou n'est pas encore valide ({}) : le faire renouveler, et vérifier l'horloge de cette machine",
    ),
    (
        "the server's certificate is not for {} ({}): write in url a name that the certificate carries",
        "le certificat du serveur n'est pas celui de {} ({}) : écrire dans url un nom que le certificat porte",
    ),
    (
        "TLS cannot be agreed on ({}): check that the port speaks TLS (ldaps is usually 636, StartTLS 389)",
        "pas d'accord sur TLS ({}) : vérifier que le port parle TLS (ldaps est d'ordinaire 636, StartTLS 389)",
    ),
    ("the server refuses StartTLS (result {}", "le serveur refuse StartTLS (code {}"),
    ("): use ldaps://, or have TLS set up on the server", ") : écrire ldaps://, ou faire installer TLS sur le serveur"),
    ("is no name that a certificate could carry", "n'est pas un nom qu'un certificat puisse porter"),
    (
        "this machine's trusted authorities cannot be read ({}): name the directory's authority in ca_file, or install ca-certificates",
        "les autorités de confiance de cette machine ne peuvent pas être lues ({}) : nommer celle de l'annuaire dans ca_file, ou installer ca-certificates",
    ),
    ("none is installed", "aucune n'est installée"),
    ("client_key must be a PEM file with one private key", "client_key doit être un fichier PEM contenant une clé privée"),
    ("client_cert and client_key must belong together", "client_cert et client_key doivent aller ensemble"),
    ("it must be a PEM file with at least one certificate", "il faut un fichier PEM contenant au moins un certificat"),
    ("no certificate in it", "il ne contient aucun certificat"),
    ("it must hold certificates of authorities", "il doit contenir des certificats d'autorités"),
    // --- who asks ---
    (
        "Kerberos did not let us in ({}): get a ticket with `kinit`, and write in url the server's full name",
        "Kerberos n'a pas laissé entrer ({}) : prendre un ticket avec `kinit`, et écrire dans url le nom complet du serveur",
    ),
    ("the server offers no protection", "le serveur n'offre aucune protection"),
    ("the server does not offer to encrypt", "le serveur n'offre pas de chiffrer"),
    ("it needs the server's name", "il faut le nom du serveur"),
    ("this probant was built without Kerberos", "ce probant a été compilé sans Kerberos"),
    ("the current Kerberos ticket", "le ticket Kerberos actuel"),
    ("a sealed buffer of {} bytes", "un bloc scellé de {} octets"),
    (
        "the external identity (client certificate, or the Unix user over ldapi)",
        "l'identité externe (certificat client, ou l'utilisateur Unix par ldapi)",
    ),
    (" is refused: ", " est refusé : "),
    ("this way to prove an identity is not supported there", "cette façon de prouver une identité n'y est pas acceptée"),
    (
        "the server takes a password only over TLS: write ldaps://, or starttls = true",
        "le serveur ne prend un mot de passe que sous TLS : écrire ldaps://, ou starttls = true",
    ),
    (
        "this account cannot prove itself in this way (it may have no password, or anonymous access is off): set bind_dn and a password",
        "ce compte ne peut pas se prouver ainsi (sans mot de passe peut-être, ou l'accès anonyme est coupé) : donner bind_dn et un mot de passe",
    ),
    ("it may not log in at this hour", "il n'a pas le droit de se connecter à cette heure"),
    ("it may not log in from this machine", "il n'a pas le droit de se connecter depuis cette machine"),
    ("its password has expired", "son mot de passe a expiré"),
    (
        "wrong name or wrong password (or the account is locked): check bind_dn and the password, for each attempt may count towards a lock",
        "mauvais nom ou mauvais mot de passe (ou compte verrouillé) : vérifier bind_dn et le mot de passe, car chaque essai peut rapprocher du verrouillage",
    ),
    ("the account is disabled", "le compte est désactivé"),
    ("the account has expired", "le compte a expiré"),
    ("it must change its password first", "il doit d'abord changer son mot de passe"),
    ("the account is locked", "le compte est verrouillé"),
    (
        "the server is unwilling: anonymous access is off, or the password is empty",
        "le serveur ne veut pas : l'accès anonyme est coupé, ou le mot de passe est vide",
    ),
    ("the server would not say more", "le serveur n'en dit pas plus"),
    // --- what was asked ---
    (
        "the server's time limit was reached: ask the directory's administrator for a longer time limit for {}, or name smaller parts in base",
        "la limite de temps du serveur est atteinte : en demander une plus longue pour {} à l'administrateur de l'annuaire, ou nommer des parties plus petites dans base",
    ),
    (
        "the server's size limit was reached: ask the directory's administrator to lift the size limit for {} (OpenLDAP: ",
        "la limite de taille du serveur est atteinte : demander à l'administrateur de l'annuaire de la lever pour {} (OpenLDAP : ",
    ),
    (
        "`limits` with size.prtotal=unlimited; 389-DS: nsSizeLimit, nsPagedSizeLimit; IBM: ibm-slapdSizeLimit, a group's ibm-searchSizeLimit)",
        "`limits` avec size.prtotal=unlimited ; 389-DS : nsSizeLimit, nsPagedSizeLimit ; IBM : ibm-slapdSizeLimit, ou ibm-searchSizeLimit d'un groupe)",
    ),
    (
        "an administrative limit was reached: ask the directory's administrator to lift the look-through and paging limits for {} (OpenLDAP: ",
        "une limite d'administration est atteinte : demander à l'administrateur de l'annuaire de lever les limites de parcours et de pagination pour {} (OpenLDAP : ",
    ),
    (
        "`limits` with size.pr and size.prtotal=unlimited; 389-DS: nsLookThroughLimit, nsPagedLookThroughLimit)",
        "`limits` avec size.pr et size.prtotal=unlimited ; 389-DS : nsLookThroughLimit, nsPagedLookThroughLimit)",
    ),
    ("this part lies on another server: read it there", "cette partie est sur un autre serveur : l'y lire"),
    (
        "the server refuses to page: narrow `filter` or `base` until one answer holds everything",
        "le serveur refuse de paginer : resserrer `filter` ou `base` jusqu'à ce qu'une réponse contienne tout",
    ),
    (
        "the base does not exist, or may not be seen by the account that asks: check `base`",
        "la base n'existe pas, ou le compte qui demande n'a pas le droit de la voir : vérifier `base`",
    ),
    ("the base does not exist, only {} does: check `base`", "la base n'existe pas, seul {} existe : vérifier `base`"),
    ("the base is no name of an entry: check `base`", "la base n'est pas le nom d'une entrée : vérifier `base`"),
    (
        " may not search there: ask the directory's administrator for the right to read",
        " n'a pas le droit d'y chercher : demander le droit de lecture à l'administrateur de l'annuaire",
    ),
    ("the server is busy or shutting down: try again later", "le serveur est occupé ou s'arrête : réessayer plus tard"),
    ("the server is busy or shutting down", "le serveur est occupé ou s'arrête"),
    ("the server is unwilling to search there", "le serveur ne veut pas y chercher"),
    ("the filter cannot be read", "le filtre ne peut pas être lu"),
    ("the server ended the search", "le serveur a mis fin à la recherche"),
    ("pages of {} are too large (result {}", "les pages de {} sont trop grandes (code {}"),
    (
        "the server does not say where its data lies: write it in `base`",
        "le serveur ne dit pas où sont ses données : l'écrire dans `base`",
    ),
    // After the phrases that hold it.
    (" (result {}", " (code {}"),
    ("; what had come by then is kept, the rest is missing", " ; ce qui était arrivé est gardé, le reste manque"),
    ("; the branches below it are not all known", " ; les branches au-dessous ne sont pas toutes connues"),
    (
        "the server gave only the first values of {}: ask again, and tell the directory's administrator if it stays so",
        "le serveur n'a donné que les premières valeurs de {} : redemander, et le dire à l'administrateur de l'annuaire si cela dure",
    ),
    (
        "no entry came: check base, filter and the rights of {}",
        "aucune entrée n'est venue : vérifier base, filter et les droits de {}",
    ),
    ("no entry came: ", "aucune entrée n'est venue : "),
    (
        "the server counted {} entries just after giving {}: some came, went or were lost meanwhile; harvest again at a quieter hour",
        "le serveur a compté {} entrées juste après en avoir donné {} : certaines sont venues, parties ou perdues entre-temps ; collecter de nouveau à une heure plus calme",
    ),
    // --- reading while decoding ---
    ("more groups than can wait", "plus de groupes qu'il n'en peut attendre"),
    ("a row of an unknown table", "une ligne d'une table inconnue"),
    ("an entry was refused in the first reading", "une entrée a été refusée à la première lecture"),
    // --- references ---
    (
        "{} references to other servers: the first {} are followed; make a source of each server instead",
        "{} renvois vers d'autres serveurs : les {} premiers sont suivis ; faire plutôt une source de chaque serveur",
    ),
    ("the reference {} is not followed: ", "le renvoi {} n'est pas suivi : "),
    ("behind the reference {}: ", "derrière le renvoi {} : "),
    ("it leads to a socket of this machine", "il mène à une prise de cette machine"),
    ("it needs TLS: write ldaps:// in url, or starttls = true", "il lui faut TLS : écrire ldaps:// dans url, ou starttls = true"),
    ("its name is not UTF-8", "son nom n'est pas de l'UTF-8"),
    // --- a try ---
    ("it is not there, or may not be read", "il n'est pas là, ou ne peut pas être lu"),
    ("the root entry names Active Directory's capabilities", "l'entrée racine nomme les capacités d'Active Directory"),
    ("the root entry names IBM as vendor", "l'entrée racine nomme IBM comme éditeur"),
    ("the root entry names {} as vendor", "l'entrée racine nomme {} comme éditeur"),
    ("the root entry is of OpenLDAP's class", "l'entrée racine est de la classe d'OpenLDAP"),
    (
        "the root entry names no product that is known: read as OpenLDAP",
        "l'entrée racine ne nomme aucun produit connu : lu comme OpenLDAP",
    ),
];
