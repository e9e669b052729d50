//! What exports of every format say when they are not what they should be, in French.

/// English as the sources write it, and French.
pub(super) const REASONS: &[(&str, &str)] = &[
    // --- files and folders ---
    ("the pattern cannot be read: {}", "le motif ne peut pas être lu : {}"),
    ("cannot be listed: {}; check the rights of the folder", "ne peut pas être listé : {} ; vérifier les droits du dossier"),
    ("the pattern finds more than {} files: make it narrower", "le motif trouve plus de {} fichiers : le resserrer"),
    (
        "not one of the {} rows could be read: correct what their reasons name",
        "aucune des {} lignes n'a pu être lue : corriger ce que nomment leurs motifs",
    ),
    (
        "evidence_from_name (`{}`) finds no date in the names of the files read: correct it, or declare evidence_at",
        "evidence_from_name (`{}`) ne trouve pas de date dans les noms des fichiers lus : le corriger, ou déclarer evidence_at",
    ),
    (
        "no file matches the pattern: check the folder, or run the export first",
        "aucun fichier ne répond au motif : vérifier le dossier, ou faire d'abord l'export",
    ),
    (
        "is not a file: give the path of the export itself, or a pattern such as folder/*.json",
        "n'est pas un fichier : donner le chemin de l'export lui-même, ou un motif tel que dossier/*.json",
    ),
    ("is empty: the export failed or was cut; run it again", "est vide : l'export a échoué ou a été coupé ; le refaire"),
    (
        "does not exist: check the path; it starts from the folder of the configuration file",
        "n'existe pas : vérifier le chemin ; il part du dossier du fichier de configuration",
    ),
    (
        "may not be read: give the user who runs Probant the right to read it",
        "ne peut pas être lu : en donner le droit de lecture à l'utilisateur qui lance Probant",
    ),
    ("there is no such file; correct `path`, or export it again", "ce fichier n'existe pas ; corriger `path`, ou refaire l'export"),
    (
        "permission denied; run as an account that may read it, or open it to this one",
        "accès refusé ; lancer depuis un compte qui peut le lire, ou l'ouvrir à celui-ci",
    ),
    (
        "this is a folder; name the files in it, for example with *.csv",
        "c'est un dossier ; nommer les fichiers qu'il contient, par exemple avec *.csv",
    ),
    ("no file matches; correct `path`, or export again", "aucun fichier ne correspond ; corriger `path`, ou refaire l'export"),
    ("there is no such folder; correct `path`", "ce dossier n'existe pas ; corriger `path`"),
    ("the raw capture could not be written", "la capture brute n'a pas pu être écrite"),
    // --- text ---
    (
        "line {} is longer than {} MiB: this is not a line-based text file, or it is damaged",
        "la ligne {} dépasse {} Mio : ce n'est pas un fichier texte fait de lignes, ou il est abîmé",
    ),
    (
        "the text is in none of the encodings tried ({}); the first refuses the bytes of line {}. Add the right one to `encodings`",
        "le texte n'est dans aucun des codages essayés ({}) ; le premier refuse les octets de la ligne {}. Ajouter le bon à `encodings`",
    ),
    (
        "the file is larger than {} MiB, which this format must hold in memory",
        "le fichier dépasse {} Mio, que ce format doit tenir en mémoire",
    ),
    (
        "a zip container (a workbook .xlsx or .ods, whatever its name says)",
        "une archive zip (un classeur .xlsx ou .ods, quoi que dise son nom)",
    ),
    (
        "an old binary office file (.xls) or a workbook protected by a password",
        "un ancien fichier bureautique binaire (.xls) ou un classeur protégé par un mot de passe",
    ),
    ("a gzip archive", "une archive gzip"),
    ("a zstd archive", "une archive zstd"),
    ("binary data", "des données binaires"),
    ("is out of range: {}", "est hors des bornes : {}"),
    ("epoch seconds", "secondes depuis 1970"),
    ("epoch milliseconds", "millisecondes depuis 1970"),
    ("an Excel serial number", "un numéro de jour d'Excel"),
    ("does not exist", "n'existe pas"),
    // --- secrets ---
    (
        "the environment variable {}, named by {}, is not set: set it to the {}",
        "la variable d'environnement {}, nommée par {}, n'est pas définie : y mettre : {}",
    ),
    (
        "name a file in {} or a variable in {}, or start probant at a terminal to be asked",
        "nommer un fichier dans {} ou une variable dans {}, ou lancer probant dans un terminal pour qu'il le demande",
    ),
    (
        "it must be a small file whose first line is the secret, and has {} bytes",
        "il faut un petit fichier dont la première ligne est le secret, et il fait {} octets",
    ),
    (
        "every user of this machine can read or change it (mode {}); type: chmod 600 ",
        "tout utilisateur de cette machine peut le lire ou le modifier (mode {}) ; taper : chmod 600 ",
    ),
    ("cannot be used: ", "ne peut pas servir : "),
    (" cannot be used ({}): ", " ne peut pas servir ({}) : "),
    // --- workbooks ---
    (
        "the workbook is protected by a password, or is an old .xls; save it as .xlsx without a password",
        "le classeur est protégé par un mot de passe, ou est un ancien .xls ; l'enregistrer en .xlsx sans mot de passe",
    ),
    ("this is {}, not a workbook", "c'est {}, pas un classeur"),
    (
        "this is text, not a workbook (it begins with \"{}\"): a renamed csv? Set read.format = \"csv\", or save it as a real workbook",
        "c'est du texte, pas un classeur (il commence par « {} ») : un csv renommé ? Mettre read.format = \"csv\", ou l'enregistrer comme un vrai classeur",
    ),
    ("this is binary data, not a workbook", "ce sont des données binaires, pas un classeur"),
    ("the workbook is damaged: {}; export it again", "le classeur est abîmé : {} ; refaire l'export"),
    ("the workbook is damaged: {}", "le classeur est abîmé : {}"),
    (
        "the workbook has {} parts; no spreadsheet program writes more than {}",
        "le classeur a {} parties ; aucun tableur n'en écrit plus de {}",
    ),
    (
        "this zip container holds no {}: it is another kind of file; is read.format = \"{}\" meant?",
        "cette archive zip ne contient pas de {} : c'est un autre genre de fichier ; faut-il read.format = \"{}\" ?",
    ),
    (
        "the workbook unpacks to more than {} MiB ({}); this is not a table that can be read, export it as CSV",
        "décompressé, le classeur dépasse {} Mio ({}) ; ce n'est pas un tableau lisible, l'exporter en CSV",
    ),
    (
        "the sheet repeats cells beyond {}; this is not a table that can be read, export it as CSV",
        "la feuille répète des cellules au-delà de {} ; ce n'est pas un tableau lisible, l'exporter en CSV",
    ),
    (
        "sheet {} cannot be read: {}; save the workbook again from a spreadsheet program",
        "la feuille {} ne peut pas être lue : {} ; enregistrer de nouveau le classeur depuis un tableur",
    ),
    ("its rows are not in order", "ses lignes ne sont pas dans l'ordre"),
    (
        "there is no sheet {}; the workbook has {}. Set read.sheet",
        "il n'y a pas de feuille {} ; le classeur a {}. Régler read.sheet",
    ),
    // --- columns and values ---
    (
        "This file is read without a header: use positions (1, 2, 3…), or set read.header = true",
        "Ce fichier est lu sans en-tête : utiliser des positions (1, 2, 3…), ou mettre read.header = true",
    ),
    (
        "The header has: {}. If the export changed on purpose, correct the mapping; nothing was taken",
        "L'en-tête contient : {}. Si l'export a changé à dessein, corriger la correspondance ; rien n'a été pris",
    ),
    (
        " is not among the values listed ({}); add it to fields.{}, or say a default",
        " n'est pas parmi les valeurs déclarées ({}) ; l'ajouter à fields.{}, ou donner une valeur par défaut",
    ),
    (
        " was already read at row {} with other values; if rows are events or versions, say which one counts with `latest`",
        " a déjà été lu à la ligne {} avec d'autres valeurs ; si les lignes sont des événements ou des versions, dire laquelle compte avec `latest`",
    ),
    ("\" or \"", "\" ou \""),
    ("the column is empty", "la colonne est vide"),
    ("is not a whole number", "n'est pas un nombre entier"),
    ("is not a duration", "n'est pas une durée"),
    ("is not a size", "n'est pas une taille"),
    ("is not a FILETIME", "n'est pas un FILETIME"),
    ("is out of range for a FILETIME", "est hors des bornes d'un FILETIME"),
    ("is out of range for an epoch", "est hors des bornes d'un nombre de secondes depuis 1970"),
    ("is not a date of an Excel sheet", "n'est pas une date d'une feuille Excel"),
    ("is not a date: {}", "n'est pas une date : {}"),
    ("is not a date", "n'est pas une date"),
    ("is empty", "est vide"),
    // --- text formats ---
    (
        "the block that begins here is longer than {} MiB; check read.begin and read.end",
        "le bloc qui commence ici dépasse {} Mio ; vérifier read.begin et read.end",
    ),
    (
        "no block begins in this file, which is not empty: check read.begin",
        "aucun bloc ne commence dans ce fichier, qui n'est pas vide : vérifier read.begin",
    ),
    (
        "the block that begins here has no end (read.end): the log is cut, or the job was killed",
        "le bloc qui commence ici n'a pas de fin (read.end) : le journal est coupé, ou le travail a été tué",
    ),
    (
        "a quote opened in this row is never closed: the {} lines after it, to the end of the file, were swallowed by it",
        "un guillemet ouvert sur cette ligne n'est jamais fermé : il a avalé les {} lignes suivantes, jusqu'à la fin du fichier",
    ),
    (
        "a row is longer than {} MiB: a quote opened here is never closed, or this is not CSV",
        "une ligne dépasse {} Mio : un guillemet ouvert ici n'est jamais fermé, ou ce n'est pas du CSV",
    ),
    ("this line is neither a [section] nor key = value", "cette ligne n'est ni une [section] ni clé = valeur"),
    (
        " is an object, not a value; name one of its keys, for example {}",
        " est un objet, pas une valeur ; nommer une de ses clés, par exemple {}",
    ),
    ("there is no count at \"{}\"", "il n'y a pas de décompte à « {} »"),
    (
        "there is nothing at \"{}\"; correct the pointer, or export again",
        "il n'y a rien à « {} » ; corriger le pointeur, ou refaire l'export",
    ),
    (
        "\"{}\" is not an array of records; give the pointer to the array",
        "« {} » n'est pas un tableau d'enregistrements ; donner le pointeur vers le tableau",
    ),
    ("this record is not an object", "cet enregistrement n'est pas un objet"),
    (
        "the JSON is nested deeper than 128 levels; this is not an export that can be read",
        "le JSON est imbriqué sur plus de 128 niveaux ; ce n'est pas un export lisible",
    ),
    ("this is not JSON: {}; the export may be cut short", "ce n'est pas du JSON : {} ; l'export a peut-être été coupé"),
    ("this line is not a JSON object", "cette ligne n'est pas un objet JSON"),
    ("this line does not match read.pattern", "cette ligne ne répond pas à read.pattern"),
    (" not found. ", " introuvable. "),
    // --- backups ---
    (
        "the line does not begin with job id, type, state and status: it is no job of bpdbjobs -report -all_columns",
        "la ligne ne commence pas par numéro, type, état et statut : ce n'est pas un travail de bpdbjobs -report -all_columns",
    ),
    (
        "the record looks like -most_columns (or its counts are wrong): save bpdbjobs -report -all_columns, or read it with kind = \"table\" and preset = \"netbackup-most-columns\"",
        "l'enregistrement ressemble à -most_columns (ou ses compteurs sont faux) : enregistrer bpdbjobs -report -all_columns, ou le lire avec kind = \"table\" et preset = \"netbackup-most-columns\"",
    ),
    ("the record is longer than 16 MiB", "l'enregistrement dépasse 16 Mio"),
    (
        "job {} was already read with another client, policy or type: one source is one master server, and its job numbers are not reused",
        "le travail {} a déjà été lu avec un autre client, une autre politique ou un autre type : une source est un serveur maître, et ses numéros ne sont pas réutilisés",
    ),
    ("field 1 (job id) is empty", "le champ 1 (numéro du travail) est vide"),
    ("field 15 (kilobytes) is not a number", "le champ 15 (kilo-octets) n'est pas un nombre"),
    ("field {} ({}) is not a number", "le champ {} ({}) n'est pas un nombre"),
    (
        "field {} ({}) is no instant: {} seconds since 1970 is after the year 9999",
        "le champ {} ({}) n'est pas un instant : {} secondes depuis 1970, c'est après l'an 9999",
    ),
    (
        "the file ends in the middle of the record that begins on line {}",
        "le fichier finit au milieu de l'enregistrement qui commence à la ligne {}",
    ),
    (
        "the last record (line {}) has fewer fields than others and no end of line",
        "le dernier enregistrement (ligne {}) a moins de champs que les autres et pas de fin de ligne",
    ),
    ("the number of tries (after the paths)", "le nombre d'essais (après les chemins)"),
    ("the number of progress lines of a try", "le nombre de lignes d'avancement d'un essai"),
    ("field 32, the number of paths,", "le champ 32, le nombre de chemins,"),
    ("the speed (after the parent job)", "la vitesse (après le travail parent)"),
    ("the parent job", "le travail parent"),
    ("the list of paths ({} missing)", "la liste des chemins ({} manquent)"),
    ("the number of tries", "le nombre d'essais"),
    ("the fields of a try ({} tries missing)", "les champs d'un essai ({} essais manquent)"),
    ("the progress lines of a try ({} lines missing)", "les lignes d'avancement d'un essai ({} lignes manquent)"),
    ("the totals of a try", "les totaux d'un essai"),
    ("field {} after the tries", "le champ {} après les essais"),
    ("job id", "numéro du travail"),
    (
        "is binary, not text: give the saved output of bpdbjobs -report -all_columns",
        "est binaire, pas du texte : donner la sortie enregistrée de bpdbjobs -report -all_columns",
    ),
    (
        "no line begins with job id, type, state and status: save the output of bpdbjobs -report -all_columns here",
        "aucune ligne ne commence par numéro, type, état et statut : enregistrer ici la sortie de bpdbjobs -report -all_columns",
    ),
    (
        "more than {} jobs: split the export by period into several sources",
        "plus de {} travaux : couper l'export par période en plusieurs sources",
    ),
    ("more than {} jobs", "plus de {} travaux"),
    // --- documents ---
    ("cannot be opened: {}; check the path and its rights", "ne peut pas être ouvert : {} ; vérifier le chemin et ses droits"),
    ("is not a folder", "n'est pas un dossier"),
    (
        "holds no document ({}): check the folder and `extensions`",
        "ne contient aucun document ({}) : vérifier le dossier et `extensions`",
    ),
    ("cannot be listed: {}; check its rights", "ne peut pas être listé : {} ; vérifier ses droits"),
    ("folders more than {} levels deep were not entered", "les dossiers à plus de {} niveaux n'ont pas été parcourus"),
    (
        "more than {} documents: split the folder into several sources",
        "plus de {} documents : répartir le dossier en plusieurs sources",
    ),
    ("its name is not UTF-8: rename it", "son nom n'est pas de l'UTF-8 : le renommer"),
    ("leads out of the folder", "mène hors du dossier"),
    ("front matter, line {}: nested more than {} levels deep", "en-tête, ligne {} : imbriqué sur plus de {} niveaux"),
    (
        "front matter, line {}: aliases (*name) are not read: write the value out",
        "en-tête, ligne {} : les alias (*nom) ne sont pas lus : écrire la valeur",
    ),
    ("front matter: ", "en-tête : "),
    ("no office file at all", "pas un fichier bureautique"),
    (" is longer than {} bytes, which no list of properties is", " dépasse {} octets, ce qu'aucune liste de propriétés ne fait"),
    ("is not what its name says: it has no PDF header", "n'est pas ce que dit son nom : il n'a pas d'en-tête PDF"),
    ("is larger than {} MiB: its properties are not read", "dépasse {} Mio : ses propriétés ne sont pas lues"),
    ("is damaged: the PDF reader gave up ({})", "est abîmé : le lecteur de PDF a renoncé ({})"),
    ("is damaged or protected by a password: {}", "est abîmé ou protégé par un mot de passe : {}"),
    (
        "is protected by a password: its properties cannot be read",
        "est protégé par un mot de passe : ses propriétés ne peuvent pas être lues",
    ),
    ("no reason given", "sans raison donnée"),
    (" is damaged: {}", " est abîmé : {}"),
    // --- tickets ---
    (
        "is binary, not JSON: save the answer of /rest/api/2/search",
        "est binaire, pas du JSON : enregistrer la réponse de /rest/api/2/search",
    ),
    ("holds an error message of Jira, not issues: {}", "contient un message d'erreur de Jira, pas des tickets : {}"),
    (
        "is JSON without `issues`: save the answer of /rest/api/2/search, not of another resource",
        "est du JSON sans `issues` : enregistrer la réponse de /rest/api/2/search, pas celle d'une autre ressource",
    ),
    (
        "is not a page of issues ({}): save the answer of /rest/api/2/search as it comes",
        "n'est pas une page de tickets ({}) : enregistrer la réponse de /rest/api/2/search telle qu'elle vient",
    ),
    ("the issue has no key", "le ticket n'a pas de clé"),
    (
        "the issue has no fields: ask the search for fields=*all",
        "le ticket n'a pas de champs : demander fields=*all à la recherche",
    ),
    ("an issue is longer than 16 MiB", "un ticket dépasse 16 Mio"),
    ("a page of a Jira search or a list of issues", "une page d'une recherche Jira ou une liste de tickets"),
    ("a list of issues", "une liste de tickets"),
    (
        "no page says isLast: follow nextPageToken to the end and save those pages too",
        "aucune page ne dit isLast : suivre nextPageToken jusqu'au bout et enregistrer aussi ces pages",
    ),
    ("issues {} to {} of {} are missing (startAt={})", "les tickets {} à {} sur {} manquent (startAt={})"),
    (
        "is not the Approvals field of Jira Service Management: use `approvers` for other fields",
        "n'est pas le champ Approvals de Jira Service Management : utiliser `approvers` pour les autres champs",
    ),
    (
        "has the decision \"{}\", which is none of approved, declined and pending",
        "a la décision « {} », qui n'est ni approved, ni declined, ni pending",
    ),
    (" is no instant in milliseconds since 1970", " n'est pas un instant en millisecondes depuis 1970"),
    ("an object without epochMillis or iso8601 is no date", "un objet sans epochMillis ni iso8601 n'est pas une date"),
    (" is no date", " n'est pas une date"),
];
