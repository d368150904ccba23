"""Names in ASCII for the local part of e-mail addresses: one set of rules a script, none of them needed at run time.

Ukrainian follows the resolution of the Cabinet of Ministers of 2010, Greek ELOT 743 without its accents, Korean the
Revised Romanization syllable by syllable (as passports do with given names), Hindi the usual spelling in English with
the silent vowel at the end dropped. Arabic, Chinese and Hebrew names carry their spelling in our own lists.
"""

from __future__ import annotations

import unicodedata


def _table(spellings: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in spellings.split())


_UKRAINIAN = _table(
    "а=a б=b в=v г=h ґ=g д=d е=e є=ie ж=zh з=z и=y і=i ї=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u "
    "ф=f х=kh ц=ts ч=ch ш=sh щ=shch ь=_ ю=iu я=ia '=_ "
)
_UKRAINIAN_FIRST = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}


def ukrainian(name: str) -> str:
    text = name.lower().replace("зг", "zgh")
    first = _UKRAINIAN_FIRST.get(text[0], _UKRAINIAN.get(text[0], text[0]))
    return "".join([first, *(_UKRAINIAN.get(each, each) for each in text[1:])]).replace("_", "")


_GREEK = _table(
    "α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=f χ=ch ψ=ps ω=o "
)
_GREEK_PAIRS = _table("ου=ou γγ=ng γκ=gk γξ=nx γχ=nch ντ=nt μπ=mp αυ=av ευ=ev")
_VOICELESS = "θκξπστφχψ"


def greek(name: str) -> str:
    bare = "".join(each for each in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(each))
    found, place = "", 0
    while place < len(bare):
        pair = bare[place : place + 2]
        if pair in _GREEK_PAIRS:
            sound = "b" if pair == "μπ" and not place else _GREEK_PAIRS[pair]
            unvoiced = pair in ("αυ", "ευ") and (place + 2 == len(bare) or bare[place + 2] in _VOICELESS)
            found, place = found + (sound.replace("v", "f") if unvoiced else sound), place + 2
        else:
            found, place = found + _GREEK.get(bare[place], bare[place]), place + 1
    return found


_INITIALS = "g kk n d tt r m b pp s ss _ j jj ch k t p h"
_VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i"
_FINALS = "_ k k k n n n t l k m l l l p l m p p t t ng t t k t p t"


def korean(name: str) -> str:
    initials, vowels, finals = (sounds.split() for sounds in (_INITIALS, _VOWELS, _FINALS))
    found = ""
    for syllable in name:
        number = ord(syllable) - 0xAC00
        initial, vowel, final = number // 588, number % 588 // 28, number % 28
        found += f"{initials[initial]}{vowels[vowel]}{finals[final]}"
    return found.replace("_", "")


_CONSONANTS = _table(
    "क=k ख=kh ग=g घ=gh ङ=n च=ch छ=chh ज=j झ=jh ञ=n ट=t ठ=th ड=d ढ=dh ण=n त=t थ=th द=d ध=dh न=n प=p फ=ph "
    "ब=b भ=bh म=m य=y र=r ल=l व=v श=sh ष=sh स=s ह=h "
)
_INDEPENDENT = _table("अ=a आ=aa इ=i ई=i उ=u ऊ=u ऋ=ri ए=e ऐ=ai ओ=o औ=au")
_SIGNS = _table("ा=a ि=i ी=i ु=u ू=u ृ=ri े=e ै=ai ो=o ौ=au")


def hindi(name: str) -> str:
    found, pending = "", False
    for character in unicodedata.normalize("NFD", name):
        if character in _CONSONANTS or character in _INDEPENDENT:
            found += ("a" if pending else "") + (_CONSONANTS.get(character) or _INDEPENDENT[character])
            pending = character in _CONSONANTS
        elif character in _SIGNS:
            found, pending = found + _SIGNS[character], False
        elif character == "्":
            pending = False
        elif character in "ंँ":
            found, pending = found + ("an" if pending else "n"), False
        elif character == "ः":
            found, pending = found + ("ah" if pending else "h"), False
    return found
