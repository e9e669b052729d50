"""The roster: who there is, with the accents, homonyms and leavers that make reading and linking work for their living."""

import base64
import datetime as dt
import unicodedata

import numpy as np

AS_OF = dt.datetime(2026, 10, 5, 8, tzinfo=dt.UTC)
NOW = int(AS_OF.timestamp())
DAY = 86_400
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

GIVEN = """Adèle Aïcha Alban Amélie André Anouk Aurélien Baptiste Bérénice Carole Céline Chloé Clément Damien Edwige Élodie Émile
Fabien Fanny Florence Gaël Gérard Gwenaëlle Hugues Inès Jérôme Joëlle Karine Kévin Laëtitia Léon Loïc Maëva Marc Maud Nadège
Noémie Olivier Pascal Rémi Sabine Solène Théophile Valérie Xavière Yann Zoé""".split()
FAMILY = """Abgrall Aubertin Bécaud Bellec Besançon Cariou Castaing Château Crépin Daniélou Deschênes Dréan Estève Évrard Fénelon
Fouché Gautier Géraud Guégan Guillerm Hamon Hénaff Huon Jaouen Jégou Kerbrat Lagarde Laîné Le\u00a0Bihan Le\u00a0Goff Lesné Madec Maréchal
Mercœur Morvan Nédélec Orvoën Péron Pichot Quéméner Raoult Rivière Salaün Séité Tanguy Tessier Urvoy Vannier Vigné Yvinec""".split(" ")
FAMILY = [name.replace("\u00a0", " ") for part in FAMILY for name in part.split("\n")]
SITES = ["Brest", "Évry", "Île-de-Sein", "Nîmes", "Orléans", "Rennes", "Saint-Étienne", "Tours"]
UNITS = ["Achats", "Comptabilité", "Contrôle de gestion", "Exploitation", "Études", "Paie", "Relations extérieures", "Sécurité"]


def ascii_lower(text):
    """As a login or an address would write a name."""
    text = text.replace("œ", "oe").replace(" ", "")
    return unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode().lower()


def stamp(seconds):
    """generalizedTime, as a directory prints it."""
    return (EPOCH + dt.timedelta(seconds=int(seconds))).strftime("%Y%m%d%H%M%SZ")


def uuids(rng, count):
    """`count` random UUIDs as text."""
    digits = rng.bytes(16 * count).hex()
    return [f"{digits[i:i + 8]}-{digits[i + 8:i + 12]}-4{digits[i + 13:i + 16]}-a{digits[i + 17:i + 20]}-{digits[i + 20:i + 32]}" for i in range(0, 32 * count, 32)]


def hashes(rng, count):
    """`count` salted password hashes as slapcat prints them: base64 of `{SSHA}` and base64."""
    raw = rng.bytes(28 * count)
    return [base64.b64encode(b"{SSHA}" + base64.b64encode(raw[i:i + 28])).decode() for i in range(0, 28 * count, 28)]


class Roster:
    """`count` people; one in sixteen has left."""

    def __init__(self, rng, count):
        self.count = count
        given, family = rng.integers(0, len(GIVEN), count), rng.integers(0, len(FAMILY), count)
        self.given = [GIVEN[i] for i in given]
        self.family = [FAMILY[i] for i in family]
        plain_given, plain_family = [ascii_lower(name) for name in GIVEN], [ascii_lower(name) for name in FAMILY]
        self.login = [f"{plain_given[g][0]}{plain_family[f]}" for g, f in zip(given, family)]
        self.email = [f"{plain_given[g]}.{plain_family[f]}{i}@example.org" for i, (g, f) in enumerate(zip(given, family))]
        self.employee = [f"{i + 1:07d}" for i in range(count)]
        self.site = rng.integers(0, len(SITES), count)
        self.unit = rng.integers(0, len(UNITS), count)
        self.managers = max(1, count // 20)
        self.manager = rng.integers(0, self.managers, count)
        self.left = rng.random(count) < 1 / 16
        self.left[: self.managers] = False
        self.joined = NOW // DAY - rng.integers(30, 9000, count)
        self.left_on = np.maximum(self.joined + 1, NOW // DAY - rng.integers(1, 700, count))

    def write_csv(self, path):
        """As a French HR system exports it: Windows-1252, semicolons, CRLF, d/m/y."""
        date = lambda day: (EPOCH + dt.timedelta(days=int(day))).strftime("%d/%m/%Y")
        with open(path, "w", encoding="cp1252", newline="\r\n") as file:
            file.write("Matricule;Nom;Prénom;Courriel;Site;Service;Matricule du responsable;Statut;Date d'entrée;Date de sortie\n")
            for i in range(self.count):
                status, end = ("Sorti", date(self.left_on[i])) if self.left[i] else ("Présent", "")
                file.write(f"{self.employee[i]};{self.family[i]};{self.given[i]};{self.email[i]};{SITES[self.site[i]]};{UNITS[self.unit[i]]};"
                           f"{self.employee[self.manager[i]]};{status};{date(self.joined[i])};{end}\n")
