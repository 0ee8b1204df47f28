"""Values that stand in the places of `pii_templates.py`: invented, in the forms of one locale, from Faker and phonenumbers."""

import random
import string

import phonenumbers
from faker import Faker

REGION = {"en_US": "US", "en_GB": "GB", "de_DE": "DE", "en_CA": "CA", "en_AU": "AU", "en_IN": "IN", "fr_FR": "FR",
          "it_IT": "IT", "es_ES": "ES", "nl_NL": "NL"}
IBAN_LOCALES = ["de_DE", "fr_FR", "en_GB", "it_IT", "es_ES", "nl_NL", "pl_PL"]
DATE_FORMATS = ["%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%B %d, %Y", "%d %B %Y", "%d %b %Y", "%b %d, %Y", "%d-%m-%Y"]


class Values:
    """Values of one locale; what a place gets, and the kind that it is (None for what is no personal data)."""

    POSITIVE = ("email", "phone", "credit_card", "iban", "us_ssn", "ip_address", "mac_address", "uk_nino", "date_of_birth",
                "street_address", "medical_record", "passport")

    def __init__(self, locale: str, seed: int):
        Faker.seed(seed)
        self.random = random.Random(f"{locale} {seed}")
        self.locale = locale
        self.fake = Faker(locale)
        self.ibans = Faker(IBAN_LOCALES)

    def value(self, place: str) -> tuple[str, str | None]:
        value = getattr(self, place)()
        kind = place.removesuffix("_bare")
        return value, kind if kind in self.POSITIVE else None

    def digits(self, form: str) -> str:
        """`#` a digit, `%` one from 1, `?` a capital letter, `^` a capital letter or digit."""
        pool = {"#": string.digits, "%": string.digits[1:], "?": string.ascii_uppercase,
                "^": string.ascii_uppercase + string.digits}
        return "".join(self.random.choice(pool[c]) if c in pool else c for c in form)

    # personal data

    def email(self):
        tagged = self.fake.free_email().replace("@", f"+{self.fake.domain_word()}@")
        return self.random.choice([self.fake.email(), self.fake.company_email(), self.fake.free_email(), tagged])

    def phone(self):
        return self.fake.phone_number() if self.random.random() < 0.5 else self.valid_phone()

    def valid_phone(self):
        """A number that phonenumbers holds valid in the locale's region, in one of its four ways of writing."""
        region = REGION[self.locale]
        kind = self.random.choice([phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE])
        example = phonenumbers.example_number_for_type(region, kind)
        for _ in range(100):
            national = str(example.national_number)
            candidate = phonenumbers.parse(national[:-5] + self.digits("#####"), region)
            if phonenumbers.is_valid_number(candidate):
                break
        forms = phonenumbers.PhoneNumberFormat
        form = self.random.choice([forms.INTERNATIONAL, forms.NATIONAL, forms.NATIONAL, forms.E164])
        return phonenumbers.format_number(candidate, form)

    def credit_card(self):
        number = self.fake.credit_card_number(self.random.choice(["visa16", "mastercard", "amex", "discover", "jcb16"]))
        return self.random.choice([number, self.grouped_card(number, " "), self.grouped_card(number, "-")])

    @staticmethod
    def grouped_card(number: str, gap: str) -> str:
        cuts = (0, 4, 10, 15) if len(number) == 15 else range(0, len(number) + 1, 4)
        cuts = list(cuts)
        return gap.join(number[a:b] for a, b in zip(cuts, cuts[1:]))

    def iban(self):
        number = self.ibans.iban()
        grouped = " ".join(number[i:i + 4] for i in range(0, len(number), 4))
        return self.random.choice([number, grouped])

    def us_ssn(self):
        return self.random.choice(["-", "-", "-", " "]).join(self.ssn_groups())

    def us_ssn_bare(self):
        return "".join(self.ssn_groups())

    def ssn_groups(self):
        area = self.random.choice([n for n in range(1, 900) if n != 666])
        return f"{area:03}", f"{self.random.randint(1, 99):02}", f"{self.random.randint(1, 9999):04}"

    def ip_address(self):
        return self.random.choice([self.fake.ipv4_public, self.fake.ipv4_public, self.fake.ipv4_private, self.fake.ipv6])()

    def mac_address(self):
        address = self.fake.mac_address()
        plain = address.replace(":", "")
        return self.random.choice([address, address.upper(), address.replace(":", "-").upper(),
                                   ".".join(plain[i:i + 4] for i in (0, 4, 8))])

    def uk_nino(self):
        prefix = self.random.choice(["AB", "CE", "JN", "PX", "SL", "WM", "YY", "HR"])
        return self.random.choice(["{} {} {} {} {}", "{}{}{}{}{}", "{} {}{}{} {}"]).format(
            prefix, *(self.digits("##") for _ in range(3)), self.random.choice("ABCD"))

    def date_of_birth(self):
        return self.fake.date_of_birth(minimum_age=1, maximum_age=95).strftime(self.random.choice(DATE_FORMATS))

    def street_address(self):
        return self.fake.street_address().replace("\n", ", ")

    def medical_record(self):
        return self.digits(self.random.choice(["%#######", "%######", "?%######", "##-##-##", "%##-##-###", "??######"]))

    def passport(self):
        return self.digits(self.random.choice(["%########", "?%#######", "??#######", "C%^^^^^^#", "##??#####"]))

    # fillers

    def name(self):
        return self.fake.name()

    def company(self):
        return self.fake.company()

    def city(self):
        return self.fake.city()

    # what only looks like personal data

    def order(self):
        return self.digits(self.random.choice(["%#########", "%###########", "ORD-%#######", "###-#######-#######",
                                               "SO%#####", "20##-#####", "%#######"]))

    def version(self):
        return self.digits(self.random.choice(["%.#.%", "%.%#.#", "%.%#", "%.#.%-rc.%"]))

    def version4(self):
        return self.digits(self.random.choice(["%%#.0.%###.%##", "10.0.%####.%##", "%#.%.%###.%"]))

    def time(self):
        return f"{self.random.randint(0, 23):02}:{self.random.randint(0, 59):02}:{self.random.randint(0, 59):02}"

    def iso_date(self):
        return self.fake.date_this_decade().isoformat()

    def epoch(self):
        return str(self.random.randint(1_400_000_000, 1_900_000_000) * self.random.choice([1, 1000]))

    def measure(self):
        return self.digits(self.random.choice(["%#.# kg", "% ### g", "%#.#### mm", "#.%####### V", "%### x %### px", "-%#.# °C"]))

    def price(self):
        return self.digits(self.random.choice(["$%,###.##", "%.###,## €", "£%##.##", "%#.## USD", "$%##,###"]))

    def sha(self):
        return "".join(self.random.choice("0123456789abcdef") for _ in range(self.random.choice([7, 12, 40])))

    def md5(self):
        return self.fake.md5()

    def uuid(self):
        return self.fake.uuid4()

    def bad_card(self):
        number = self.fake.credit_card_number("visa16")
        return self.grouped_card(number[:-1] + str((int(number[-1]) + self.random.randint(1, 9)) % 10), self.random.choice(" -"))

    def bad_iban(self):
        number = self.ibans.iban()
        return number[:-1] + str((int(number[-1]) + 3) % 10) if number[-1].isdigit() else number[:-1] + "!"

    def isbn(self):
        return self.random.choice([self.fake.isbn13(), self.fake.isbn10()])

    def tracking(self):
        return self.digits(self.random.choice(["1Z^^^^^^##########", "9400 1### #### #### #### ##", "JD%################",
                                               "%###########"]))

    def serial(self):
        return self.digits(self.random.choice(["??-####-##", "%##-####-%##", "SN%#########", "?##-?####-##"]))

    def range(self):
        return self.digits("%##-%##")

    def score(self):
        return self.digits("%-#")

    def coords(self):
        return self.digits("%#.%#####, -%#.%#####")

    def ticket(self):
        return self.digits(self.random.choice(["#%####", "INC%######", "OPS-%###", "CASE-20##-%####"]))

    def color(self):
        return self.fake.hex_color()[1:]
