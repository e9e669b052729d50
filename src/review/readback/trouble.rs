//! Everything that can be said about a returned workbook: one variant a case, with its code, its severity and its sentence
//! in both languages, in words that a manager understands.

use jiff::civil::Date;

use crate::lang::Lang;
use crate::review::record::choice::{Choice, word};
use crate::review::record::returned::{Note, Severity};

/// Code of [`Trouble::Moved`].
pub(in crate::review) const MOVED: &str = "line-moved";

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    // The file.
    Empty,
    TooBig,
    Encrypted,
    OldXls,
    Xlsb,
    Macros,
    Bomb,
    TooManySheets(usize),
    Damaged(String),
    NoWorkbook,
    NoLines,
    OtherVersion(String),
    OtherCampaign {
        found: String,
        wanted: String,
    },
    UnknownReviewer(String),
    NoMeta,
    AlreadyCollected,
    SameAs(String),
    Closed,
    OlderCopy,
    // The sign-off.
    NotSigned(Vec<&'static str>),
    BadDate(String),
    DeclarationNo,
    SignedByOther {
        signed: String,
        reviewer: String,
    },
    // A line.
    Duplicate(usize),
    UnknownLine,
    NotYours,
    /// It was the reviewer's, and was given to another since.
    Moved {
        to: String,
        on: Date,
    },
    OwnAccess,
    UnknownChoice(String),
    Formula(&'static str),
    ChangeMissing,
    JustificationMissing,
    JustificationAbsent,
    ChangeIgnored,
    SilentWithText,
    Edited(Vec<(String, String, String)>),
    ColumnMissing(&'static str),
    MergedFilled,
    AddedRow,
    Conflict {
        file: String,
        here: Choice,
        there: Choice,
    },
    Superseded {
        before: Choice,
    },
    Deleted(usize),
}

impl Trouble {
    /// As the log keeps it, said of a file.
    #[must_use]
    pub fn note(&self, file: &str) -> Note {
        Note {
            code: self.code().to_owned(),
            severity: self.severity(),
            file: file.to_owned(),
            reviewer: None,
            sheet: None,
            row: None,
            item_id: None,
            fr: self.say(Lang::Fr),
            en: self.say(Lang::En),
        }
    }

    /// Stable, for programs and tests.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty-file",
            Self::TooBig => "file-too-big",
            Self::Encrypted => "encrypted",
            Self::OldXls => "old-xls",
            Self::Xlsb => "binary-xlsb",
            Self::Macros => "macros",
            Self::Bomb => "zip-bomb",
            Self::TooManySheets(_) => "too-many-sheets",
            Self::Damaged(_) => "damaged",
            Self::NoWorkbook => "no-workbook",
            Self::NoLines => "no-lines",
            Self::OtherVersion(_) => "other-version",
            Self::OtherCampaign { .. } => "other-campaign",
            Self::UnknownReviewer(_) => "unknown-reviewer",
            Self::NoMeta => "meta-missing",
            Self::AlreadyCollected => "already-collected",
            Self::SameAs(_) => "same-file",
            Self::Closed => "campaign-closed",
            Self::OlderCopy => "older-copy",
            Self::NotSigned(_) => "not-signed",
            Self::BadDate(_) => "bad-sign-date",
            Self::DeclarationNo => "declaration-no",
            Self::SignedByOther { .. } => "signed-by-other",
            Self::Duplicate(_) => "duplicate-line",
            Self::UnknownLine => "unknown-line",
            Self::NotYours => "not-your-line",
            Self::Moved { .. } => MOVED,
            Self::OwnAccess => "own-access",
            Self::UnknownChoice(_) => "unknown-choice",
            Self::Formula(_) => "formula",
            Self::ChangeMissing => "change-missing",
            Self::JustificationMissing => "justification-missing",
            Self::JustificationAbsent => "justification-absent",
            Self::ChangeIgnored => "change-ignored",
            Self::SilentWithText => "silent-with-text",
            Self::Edited(_) => "locked-cell-edited",
            Self::ColumnMissing(_) => "column-missing",
            Self::MergedFilled => "merged-filled",
            Self::AddedRow => "added-row",
            Self::Conflict { .. } => "conflicting-copies",
            Self::Superseded { .. } => "decision-changed",
            Self::Deleted(_) => "lines-missing",
        }
    }

    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::AlreadyCollected | Self::SameAs(_) | Self::Superseded { .. } => Severity::Accept,
            Self::NoMeta
            | Self::OlderCopy
            | Self::JustificationAbsent
            | Self::ChangeIgnored
            | Self::SilentWithText
            | Self::Edited(_)
            | Self::ColumnMissing(_)
            | Self::MergedFilled
            | Self::Deleted(_) => Severity::Warn,
            _ => Severity::Refuse,
        }
    }

    /// One or two sentences: what was found, and what to do.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        match lang {
            Lang::Fr => self.fr(),
            Lang::En => self.en(),
        }
    }

    fn fr(&self) -> String {
        match self {
            Self::Empty => "Le fichier est vide. Renvoyez le classeur rempli.".into(),
            Self::TooBig => "Le fichier est trop gros pour être un classeur de revue. Renvoyez le classeur reçu, sans image ni onglet ajouté.".into(),
            Self::Encrypted => "Le classeur est protégé par un mot de passe à l'ouverture. Enregistrez-le sans mot de passe et renvoyez-le.".into(),
            Self::OldXls => "Le fichier est à l'ancien format .xls. Enregistrez-le au format .xlsx (ou .ods) et renvoyez-le.".into(),
            Self::Xlsb => "Le fichier est au format binaire .xlsb. Enregistrez-le au format .xlsx et renvoyez-le.".into(),
            Self::Macros => "Le classeur contient des macros, qui ne sont jamais acceptées. Enregistrez-le au format .xlsx, sans macros, et renvoyez-le.".into(),
            Self::Bomb => "Une fois décompressé, le fichier serait démesuré ; il n'a pas été ouvert. Renvoyez le classeur d'origine rempli.".into(),
            Self::TooManySheets(n) => format!("Le classeur a {n} onglets, bien plus que celui qui a été envoyé. Renvoyez le classeur d'origine rempli."),
            Self::Damaged(why) => format!("Le fichier est abîmé et ne peut pas être lu ({why}). Ouvrez-le, enregistrez-le de nouveau et renvoyez-le."),
            Self::NoWorkbook => "Le fichier n'est pas un classeur. Renvoyez le classeur reçu, au format .xlsx ou .ods.".into(),
            Self::NoLines => "Aucune ligne à revoir n'a été trouvée : la colonne des identifiants (masquée) a été supprimée. Repartez du classeur reçu.".into(),
            Self::OtherVersion(found) => format!("Le classeur est d'un format que cette version ne lit pas ({found})."),
            Self::OtherCampaign { found, wanted } => format!("Ce classeur est celui de la campagne « {found} », pas « {wanted} »."),
            Self::UnknownReviewer(who) => format!("Ce classeur est au nom de « {who} », qui n'a rien à revoir dans cette campagne."),
            Self::NoMeta => "La feuille technique du classeur manque ; il a été reconnu par les identifiants de ses lignes.".into(),
            Self::AlreadyCollected => "Ce fichier a déjà été pris en compte ; rien ne change.".into(),
            Self::SameAs(file) => format!("Ce fichier est identique à « {file} » ; il compte une fois."),
            Self::Closed => "La campagne est close : ce retour n'est pas pris en compte.".into(),
            Self::OlderCopy => "Cette copie a été enregistrée avant celle qui a déjà été prise en compte : vérifiez que c'est la bonne.".into(),
            Self::NotSigned(what) => format!("La feuille Signature n'est pas remplie ({}). Sans elle, aucune décision ne peut être prise en compte.", what.join(", ")),
            Self::BadDate(text) => format!("La date de signature « {text} » n'est pas utilisable : écrivez-la jj/mm/aaaa, entre l'ouverture de la campagne et aujourd'hui."),
            Self::DeclarationNo => "Une déclaration de la feuille Signature est à « Non » : la revue ne peut pas être prise en compte.".into(),
            Self::SignedByOther { signed, reviewer } => format!("Le classeur de {reviewer} est signé par « {signed} ». {reviewer} doit décider et signer, ou la campagne doit être confiée à un autre relecteur."),
            Self::Duplicate(n) => format!("Cette ligne figure {n} fois dans le classeur ; aucune n'est retenue. Gardez-en une seule."),
            Self::UnknownLine => "L'identifiant de cette ligne n'est pas de cette campagne ; elle n'est pas retenue.".into(),
            Self::NotYours => "Cette ligne a été confiée à un autre relecteur ; elle n'est pas retenue ici.".into(),
            Self::Moved { to, on } => format!("Cette ligne a été confiée le {} à {to} : rien n'en est pris ici, et il n'y a rien à en faire.", Lang::Fr.date(*on)),
            Self::OwnAccess => "Cette ligne concerne un accès du relecteur lui-même (par ce compte ou un compte dont il répond) : personne ne décide de ses propres accès. Elle est à confier à son responsable.".into(),
            Self::UnknownChoice(text) => format!("« {text} » n'est pas un choix. Choisissez Conserver, Révoquer ou Modifier."),
            Self::Formula(column) => format!("La cellule « {column} » contient une formule, dont la valeur peut être périmée. Écrivez le texte lui-même."),
            Self::ChangeMissing => "« Modifier » demande d'écrire, dans Changement demandé, le droit exact à donner à la place.".into(),
            Self::JustificationMissing => "Conserver un droit privilégié demande une justification écrite.".into(),
            Self::JustificationAbsent => "La décision est prise en compte ; il manque une justification.".into(),
            Self::ChangeIgnored => "Changement demandé est rempli alors que la décision n'est pas Modifier : ce texte est conservé mais sans effet.".into(),
            Self::SilentWithText => "Un texte est écrit mais aucune décision n'est choisie : la ligne reste non décidée.".into(),
            Self::Edited(cells) => {
                let each = cells.iter().map(|(column, was, is)| format!("{column} : « {was} » devenu « {is} »"));
                format!("Une cellule verrouillée a été modifiée ({}). Le texte d'origine fait foi.", each.collect::<Vec<_>>().join(" ; "))
            }
            Self::ColumnMissing(column) => format!("La colonne « {column} » a été supprimée de la feuille ; le texte d'origine fait foi."),
            Self::MergedFilled => "Des cellules ont été fusionnées : la décision de la première a été appliquée à cette ligne. Vérifiez-la.".into(),
            Self::AddedRow => "Cette ligne a été ajoutée à la main. Elle est mise de côté comme demande, et n'est pas une décision.".into(),
            Self::Conflict { file, here, there } => {
                let (here, there) = (word(*here, Lang::Fr), word(*there, Lang::Fr));
                format!("Deux copies se contredisent : « {here} » ici, « {there} » dans « {file} ». Aucune n'est retenue ; rendez la bonne copie seule.")
            }
            Self::Superseded { before } => format!("Cette décision remplace la précédente (« {} »), qui reste au registre.", word(*before, Lang::Fr)),
            Self::Deleted(n) => format!("{n} ligne(s) envoyée(s) manquent au classeur : elles comptent comme non décidées, jamais comme conservées."),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::Empty => "The file is empty. Send the filled-in workbook again.".into(),
            Self::TooBig => "The file is too big to be a review workbook. Return the workbook you received, without added pictures or sheets.".into(),
            Self::Encrypted => "The workbook is protected by a password to open. Save it without a password and send it again.".into(),
            Self::OldXls => "The file is in the old .xls format. Save it as .xlsx (or .ods) and send it again.".into(),
            Self::Xlsb => "The file is in the binary .xlsb format. Save it as .xlsx and send it again.".into(),
            Self::Macros => "The workbook holds macros, which are never accepted. Save it as .xlsx, without macros, and send it again.".into(),
            Self::Bomb => "Unpacked, the file would be enormous; it was not opened. Return the original workbook filled in.".into(),
            Self::TooManySheets(n) => format!("The workbook has {n} sheets, far more than the one that was sent. Return the original workbook filled in."),
            Self::Damaged(why) => format!("The file is damaged and cannot be read ({why}). Open it, save it again and send it back."),
            Self::NoWorkbook => "The file is no workbook. Return the workbook you received, as .xlsx or .ods.".into(),
            Self::NoLines => "No line to review was found: the (hidden) column of ids was deleted. Start again from the workbook you received.".into(),
            Self::OtherVersion(found) => format!("The workbook has a format that this version does not read ({found})."),
            Self::OtherCampaign { found, wanted } => format!("This workbook belongs to the campaign \"{found}\", not \"{wanted}\"."),
            Self::UnknownReviewer(who) => format!("This workbook is in the name of \"{who}\", who has nothing to review in this campaign."),
            Self::NoMeta => "The workbook's technical sheet is missing; it was recognised by the ids of its lines.".into(),
            Self::AlreadyCollected => "This file was collected before; nothing changes.".into(),
            Self::SameAs(file) => format!("This file is identical to \"{file}\"; it counts once."),
            Self::Closed => "The campaign is closed: this return is not taken into account.".into(),
            Self::OlderCopy => "This copy was saved before the one already collected: check that it is the right one.".into(),
            Self::NotSigned(what) => format!("The Signature sheet is not filled in ({}). Without it no decision can be taken into account.", what.join(", ")),
            Self::BadDate(text) => format!("The date of signature \"{text}\" cannot be used: write it yyyy-mm-dd, between the opening of the campaign and today."),
            Self::DeclarationNo => "A declaration of the Signature sheet says \"No\": the review cannot be taken into account.".into(),
            Self::SignedByOther { signed, reviewer } => format!("The workbook of {reviewer} is signed by \"{signed}\". {reviewer} must decide and sign, or the review must be given to another reviewer."),
            Self::Duplicate(n) => format!("This line stands {n} times in the workbook; none is taken. Keep only one."),
            Self::UnknownLine => "The id of this line is not of this campaign; it is not taken.".into(),
            Self::NotYours => "This line was given to another reviewer; it is not taken here.".into(),
            Self::Moved { to, on } => format!("This line was given to {to} on {}: nothing of it is taken here, and nothing is to be done about it.", Lang::En.date(*on)),
            Self::OwnAccess => "This line is an access of the reviewer's own (by this account or one they answer for): nobody decides on their own accesses. It is to be given to their manager.".into(),
            Self::UnknownChoice(text) => format!("\"{text}\" is no choice. Choose Keep, Revoke or Modify."),
            Self::Formula(column) => format!("The cell \"{column}\" holds a formula, whose value may be stale. Write the text itself."),
            Self::ChangeMissing => "\"Modify\" needs the exact right to give instead, in Requested change.".into(),
            Self::JustificationMissing => "Keeping a privileged right needs a written justification.".into(),
            Self::JustificationAbsent => "The decision is taken; its justification is missing.".into(),
            Self::ChangeIgnored => "Requested change is filled in although the decision is not Modify: the text is kept and has no effect.".into(),
            Self::SilentWithText => "A text is written but no decision is chosen: the line stays not decided.".into(),
            Self::Edited(cells) => {
                let each = cells.iter().map(|(column, was, is)| format!("{column}: \"{was}\" became \"{is}\""));
                format!("A locked cell was edited ({}). The original text holds.", each.collect::<Vec<_>>().join("; "))
            }
            Self::ColumnMissing(column) => format!("The column \"{column}\" was deleted from the sheet; the original text holds."),
            Self::MergedFilled => "Cells were merged: the decision of the first was applied to this line. Check it.".into(),
            Self::AddedRow => "This line was added by hand. It is set aside as a request, and is no decision.".into(),
            Self::Conflict { file, here, there } => {
                let (here, there) = (word(*here, Lang::En), word(*there, Lang::En));
                format!("Two copies contradict each other: \"{here}\" here, \"{there}\" in \"{file}\". Neither is taken; return the right copy alone.")
            }
            Self::Superseded { before } => format!("This decision replaces the one before (\"{}\"), which stays on record.", word(*before, Lang::En)),
            Self::Deleted(n) => format!("{n} line(s) that were sent are missing: they count as not decided, never as kept."),
        }
    }
}
