"""Words in the names of columns that tell what they hold, in several languages; without accents, in lower case."""

from __future__ import annotations

PHRASES = """
email 0.95
    email, e mail, mail, mail address, email address, e mail address, correo, correo electronico, courriel, posta
    elettronica, почта, メール
phone 0.9
    phone, phone number, telephone number, telefonnummer, telephone, tel, mobile, mobile number, cell, cellphone,
    cell number, fax, msisdn, telefon, handy, handynummer, mobil, telefono, movil, celular, cellulare, telefone,
    telemovel, portable, whatsapp, телефон, 電話, 電話番号
first_name 0.9
    first name, fname, given name, forename, middle name, vorname, prenom, nombre, nome proprio, primeiro nome,
    imya, имя, 名前
last_name 0.9
    last name, lname, surname, family name, maiden name, second name, nachname, familienname, apellido, apellidos,
    cognome, sobrenome, nom famille, nom de famille, фамилия, 苗字, 姓
full_name 0.85
    full name, customer name, client name, contact name, person name, employee name, patient name, account holder,
    card holder, cardholder, holder name, recipient name, recipient, sender name, display name, author name,
    emergency contact, next of kin, nombre completo, nom complet, ragione sociale, nome completo, kundenname,
    ansprechpartner, фио, 氏名
user_name 0.7
    user name, login, login name, user id name, nick, nickname, handle, screen name, benutzername, pseudo, usuario,
    логин
street 0.85
    street, street address, address, address line, addr, home address, billing address, shipping address, postal
    address, mailing address, house number, strasse, str, hausnummer, anschrift, adresse, direccion, domicilio,
    calle, indirizzo, via, endereco, rua, logradouro, rue, адрес, улица, 住所
postcode 0.75
    postcode, postal code, zip, zip code, plz, postleitzahl, code postal, codigo postal, cap code, cep, индекс, 郵便番号
city 0.5
    city, town, home town, wohnort, stadt, ville, ciudad, citta, cidade, birth place, place of birth, geburtsort,
    город
birth_date 0.95
    dob, birth date, birthdate, birthday, date of birth, birth day, birth year, year of birth, born, born on,
    geburtsdatum, geburtstag, fecha nacimiento, fecha de nacimiento, date naissance, date de naissance, data
    nascita, data di nascita, data nascimento, data de nascimento, дата рождения, 生年月日
card 0.95
    card number, card no, cardnum, credit card, credit card number, debit card, cc number, ccnum, pan, card pan,
    kreditkarte, kartennummer, numero tarjeta, numero carte, carta credito, numero cartao
card_code 0.95
    cvv, cvc, cvv2, csc, card code, card security code, pin, pin code, pin hash
iban 0.95
    iban
account 0.8
    account number, account no, bank account, bank account number, acct number, routing number, sort code, bic,
    swift, kontonummer, numero cuenta, numero compte, conto corrente, numero conta
tax_id 0.85
    tax id, tax number, tin, vat id, vat number, ein, steuer id, steuernummer, steueridentifikationsnummer, ust id,
    codice fiscale, partita iva, cuit, rfc, cnpj, siret, инн
national_id 0.95
    ssn, social security, social security number, social insurance number, national id, national insurance number,
    nino, nin, sin number, personal id, personal number, identity number, id card, id number, personalausweis,
    ausweisnummer, sozialversicherungsnummer, dni, nie, nif, cpf, bsn, pesel, aadhaar, personnummer, numero securite
    sociale, curp, снилс, マイナンバー
passport 0.95
    passport, passport number, passport no, driver license, drivers license, driving licence, licence number,
    license number, visa number, reisepass, fuhrerschein, passeport, pasaporte, passaporto, passaporte, паспорт
ip 0.85
    ip, ip address, ip addr, ipaddr, client ip, remote ip, source ip, remote addr, remote address, last ip, ipv4,
    ipv6, login ip, x forwarded for
mac 0.85
    mac, mac address, mac addr
device 0.7
    device id, device token, imei, imsi, advertising id, idfa, gaid, cookie, cookie id, fingerprint, push token,
    udid, serial number
coordinates 0.7
    lat, latitude, lng, lon, long lat, longitude, geo, geolocation, coordinates, gps, geo point, breitengrad,
    langengrad
secret 0.95
    password, passwd, pwd, pass hash, password hash, passphrase, passwort, contrasena, mot de passe, senha, пароль,
    secret, client secret, secret key, private key, api key, apikey, access key, access token, refresh token, auth
    token, token, session token, session id, session key, otp, otp secret, totp, mfa secret, recovery code, recovery
    codes, salt, signing key, encryption key, webhook secret, credential, credentials, bearer, security answer,
    reset token, remember token
gender 0.75
    gender, sex, geschlecht, sexe, sexo, genere, пол, 性別
health 0.85
    diagnosis, diagnoses, allergy, allergies, blood type, blood group, medication, medications, disability, medical
    history, medical record number, mrn, symptom, symptoms, insurance number, health insurance, krankenkasse,
    diagnose, diagnostico, blutgruppe
belief 0.85
    religion, ethnicity, race, nationality, political party, political affiliation, sexual orientation, marital
    status, union member, konfession, familienstand, staatsangehorigkeit, nacionalidad
salary 0.85
    salary, wage, wages, income, annual income, net worth, credit score, compensation, gehalt, lohn, einkommen,
    salaire, sueldo, salario, stipendio
vehicle 0.8
    license plate, licence plate, number plate, plate number, vin, registration plate, kennzeichen, matricula, targa
image 0.6
    photo, avatar, portrait, picture, profile picture, profile image, signature, selfie, face, foto
url 0.55
    website, homepage, home page, linkedin, twitter, facebook, instagram, profile url, linkedin url, blog url
free_text 0.6
    note, notes, comment, comments, remark, remarks, message, message body, message text, body, bio, about me,
    biography, feedback, complaint, chat, transcript, bemerkung, bemerkungen, notiz, notizen, kommentar, anmerkung,
    commentaire, commentaires, nota, notas, comentario, comentarios, observaciones, osservazioni, observacoes, memo,
    備考
"""
# Class and confidence, and below them the phrases that suggest it: words side by side, or written as one.

ABOUT = frozenset(
    [
        "id",
        "ids",
        "count",
        "counts",
        "num",
        "total",
        "at",
        "on",
        "type",
        "types",
        "kind",
        "status",
        "state",
        "verified",
        "confirmed",
        "valid",
        "validated",
        "sent",
        "enabled",
        "disabled",
        "required",
        "optional",
        "format",
        "template",
        "templates",
        "subject",
        "length",
        "size",
        "version",
        "provider",
        "verification",
        "bounced",
        "bounces",
        "opened",
        "clicked",
        "opt",
        "optin",
        "optout",
        "subscribed",
        "preference",
        "preferences",
        "allowed",
        "limit",
        "max",
        "min",
        "is",
        "has",
        "can",
        "should",
        "consent",
        "hash256",
        "checksum",
        "category",
        "categories",
        "label",
        "labels",
        "level",
        "expires",
        "expiry",
        "expired",
        "expiration",
        "locale",
        "flag",
        "frequency",
        "rate",
        "domain",
        "campaign",
        "queue",
        "reason",
        "updated",
        "created",
        "changed",
        "visible",
        "public",
        "policy",
        "attempts",
        "usage",
        "used",
    ]
)
"""Words that make a column one about the thing, not the thing: `email_verified_at`, `phone_type`, `has_address`."""

STILL = frozenset({"iban", "card_code", "secret", "national_id", "passport", "tax_id", "health"})
"""Classes whose own phrases hold such words (`national id`, `session id`)."""

PEOPLE = frozenset(
    [
        "user",
        "users",
        "customer",
        "customers",
        "client",
        "clients",
        "person",
        "persons",
        "people",
        "employee",
        "employees",
        "staff",
        "patient",
        "patients",
        "member",
        "members",
        "contact",
        "contacts",
        "student",
        "students",
        "teacher",
        "teachers",
        "author",
        "authors",
        "guest",
        "guests",
        "passenger",
        "passengers",
        "driver",
        "drivers",
        "applicant",
        "applicants",
        "candidate",
        "candidates",
        "subscriber",
        "subscribers",
        "lead",
        "leads",
        "owner",
        "owners",
        "tenant",
        "resident",
        "residents",
        "beneficiary",
        "beneficiaries",
        "recipient",
        "recipients",
        "buyer",
        "buyers",
        "seller",
        "sellers",
        "player",
        "players",
        "doctor",
        "doctors",
        "kunde",
        "kunden",
        "mitarbeiter",
        "benutzer",
        "patienten",
        "person",
        "personen",
        "cliente",
        "clientes",
        "clienti",
        "usuario",
        "usuarios",
        "empleado",
        "empleados",
        "utilisateur",
        "utilisateurs",
        "utente",
        "utenti",
        "dipendente",
        "dipendenti",
        "funcionario",
        "funcionarios",
        "actor",
        "actors",
        "donor",
        "donors",
        "agent",
        "agents",
        "borrower",
        "borrowers",
        "accountholder",
        "profile",
        "profiles",
    ]
)
"""Tables of people: there, `name` is somebody's name."""

BARE_NAMES = {"name": "full_name", "first": "first_name", "last": "last_name", "nom": "last_name", "nome": "full_name"}
"""Names of columns that mean a person's name in a table of people only."""

SUPPORT = frozenset(
    [
        "ticket",
        "tickets",
        "case",
        "cases",
        "complaint",
        "complaints",
        "support",
        "incident",
        "incidents",
        "review",
        "reviews",
        "call",
        "calls",
    ]
)
"""Tables of what people wrote: there, `description`, `text` and `content` are prose."""
