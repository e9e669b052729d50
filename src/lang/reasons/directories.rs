//! What directories say when they are not what they should be, live or as LDIF, in French.

/// English as the sources write it, and French.
pub(super) const REASONS: &[(&str, &str)] = &[
    // --- directories ---
    ("the entries carry {}", "les entrées portent {}"),
    (
        "no entry carries an immutable id: read as OpenLDAP, ids made of names",
        "aucune entrée ne porte d'identifiant immuable : lu comme OpenLDAP, identifiants tirés des noms",
    ),
    ("the only one in the directory", "le seul de l'annuaire"),
    (
        "privileged_groups names what is no group here ({}): correct it, or have these groups read too",
        "privileged_groups nomme ce qui n'est pas un groupe ici ({}) : le corriger, ou faire lire aussi ces groupes",
    ),
    (
        "what was read could not be kept aside ({}): free some space in the folder for temporary files",
        "ce qui a été lu n'a pas pu être mis de côté ({}) : libérer de la place dans le dossier des fichiers temporaires",
    ),
    (
        "entries changed places while they were read: harvest again when the export has ended",
        "des entrées ont changé de place pendant la lecture : recommencer la collecte une fois l'export terminé",
    ),
    (
        "what was read could not be brought together: its thread panicked",
        "ce qui a été lu n'a pas pu être rapproché : son fil d'exécution a paniqué",
    ),
    // --- names of entries ---
    ("is not UTF-8 text", "n'est pas un texte UTF-8"),
    ("has a part without `=`", "a une partie sans `=`"),
    ("has a part that does not begin with an attribute type", "a une partie qui ne commence pas par un type d'attribut"),
    ("ends in the middle of an escape or of a quoted part", "finit au milieu d'un échappement ou d'une partie entre guillemets"),
    // --- LDIF ---
    (
        "a value or line longer than {} MiB: this is not a directory export, or it is damaged; if a large attribute such as jpegPhoto causes it, export without it",
        "une valeur ou une ligne de plus de {} Mio : ce n'est pas un export d'annuaire, ou il est abîmé ; si un gros attribut tel que jpegPhoto en est la cause, exporter sans lui",
    ),
    (
        "a NUL byte: binary data, not LDIF (text in UTF-16 needs its byte order mark: export with `ldifde -u`, or convert to UTF-8)",
        "un octet nul : des données binaires, pas du LDIF (un texte UTF-16 a besoin de sa marque d'ordre : exporter avec `ldifde -u`, ou convertir en UTF-8)",
    ),
    ("reading it failed unexpectedly", "la lecture a échoué de façon inattendue"),
    ("dn: the name ", "dn : le nom "),
    ("this file says what to change, not what there is", "ce fichier dit ce qu'il faut changer, pas ce qu'il y a"),
    (
        "a change record ({}): {}; export the directory's content (ldapsearch, slapcat, ldifde)",
        "un enregistrement de changement ({}) : {} ; exporter le contenu de l'annuaire (ldapsearch, slapcat, ldifde)",
    ),
    (
        "LDIF version {} is not known: version 1 is (RFC 2849)",
        "la version {} de LDIF n'est pas connue : la version 1 l'est (RFC 2849)",
    ),
    ("this is not LDIF ({}; expected {})", "ce n'est pas du LDIF ({} ; attendu : {})"),
    (": it is compressed with gzip; decompress it first", " : il est compressé par gzip ; le décompresser d'abord"),
    (": it is a ZIP archive or a workbook", " : c'est une archive ZIP ou un classeur"),
    (": it is compressed with bzip2; decompress it first", " : il est compressé par bzip2 ; le décompresser d'abord"),
    (": it is compressed with zstd; decompress it first", " : il est compressé par zstd ; le décompresser d'abord"),
    (": it looks like JSON or XML", " : cela ressemble à du JSON ou du XML"),
    (
        ": it is an error message of ldapsearch, whose output was empty",
        " : c'est un message d'erreur de ldapsearch, dont la sortie était vide",
    ),
    (
        "time limit exceeded: ask for a longer time limit for this identity",
        "limite de temps dépassée : en demander une plus longue pour cette identité",
    ),
    (
        "size limit exceeded: ask the directory's administrator to lift the size limit of this identity, or export with paging (`-E pr=1000/noprompt`)",
        "limite de taille dépassée : demander à l'administrateur de l'annuaire de la lever pour cette identité, ou exporter par pages (`-E pr=1000/noprompt`)",
    ),
    ("a referral: the base lies on another server", "un renvoi : la base est sur un autre serveur"),
    (
        "administrative limit exceeded: ask the directory's administrator to lift the limits of this identity (look-through, paged size)",
        "limite d'administration dépassée : demander à l'administrateur de l'annuaire de lever celles de cette identité (parcours, pagination)",
    ),
    ("the base does not exist: check `-b`", "la base n'existe pas : vérifier `-b`"),
    ("insufficient access rights for this identity", "droits d'accès insuffisants pour cette identité"),
    (
        "the value stands in another file ({}); put it inline, or set `allow_urls = true` if it lies below the export's folder",
        "la valeur est dans un autre fichier ({}) ; l'écrire sur place, ou mettre `allow_urls = true` s'il est sous le dossier de l'export",
    ),
    (
        " is not a file URL of this machine: no other is read",
        " n'est pas une URL de fichier de cette machine : aucune autre n'est lue",
    ),
    (" is not UTF-8", " n'est pas de l'UTF-8"),
    (" lies outside {}: not read", " est hors de {} : pas lu"),
    (" is larger than {} MiB", " dépasse {} Mio"),
    (
        "the directory's names take more than 4 GiB: export it in parts, one source each",
        "les noms de l'annuaire dépassent 4 Gio : l'exporter par parties, une source chacune",
    ),
    ("the decoding ended early", "le décodage s'est arrêté trop tôt"),
];
