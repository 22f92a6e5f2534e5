"""NTAG 424 DNA: the address that such a chip makes anew at every tap (SUN), and whether it did.

The chip mirrors its UID and its counter into the address, encrypted or plain, and a MAC over both that only the chip's key can make.
A copied address says an old counter: whoever checks must keep the highest that was seen (`is_newer`). AES mode as in NXP's AN12196 and
the data sheet NT4H2421Gx, 9.3; a chip that mirrors by LRP is not read. Pure.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from integrations.devices.tags.flaws import Fault

KEY, UID, COUNTER, MAC = 16, 7, 3, 8  # bytes
MAC_WORD = bytes.fromhex("3CC300010080")  # begins what the MAC's session key is made from
READ_WORD = bytes.fromhex("C33C00010080")  # the same for the file's session key
WITH_UID, WITH_COUNTER, UID_LENGTH = 0x80, 0x40, 0x0F  # in the first byte of what the chip encrypts
KeyOf = Callable[[bytes], bytes | None]


class Tap(NamedTuple):
    """One tap: which chip, and its how-manieth."""

    uid: bytes
    counter: int


def encrypted_tap(
    picc: bytes, mac: bytes, meta_key: bytes, key_of: KeyOf, signed: bytes = b""
) -> Tap | Fault:
    """What the chip says of itself, or why it can't be believed: MALFORMED, NOT_CHECKED without the chip's key, ALTERED.

    `picc` are the 16 bytes that it encrypted, `key_of` gives the key of a chip by UID, `signed` is the part of the address from where the
    MAC begins to where it stands, as it was sent.
    """
    if len(picc) != KEY or len(mac) != MAC or len(meta_key) != KEY:
        return Fault.MALFORMED
    cipher = Cipher(algorithms.AES128(meta_key), modes.CBC(bytes(KEY))).decryptor()
    plain = cipher.update(picc) + cipher.finalize()
    if plain[0] != WITH_UID | WITH_COUNTER | UID:
        return Fault.ALTERED  # another key made it, or nobody
    uid, counter = plain[1 : 1 + UID], plain[1 + UID : 1 + UID + COUNTER]
    return _believed(uid, counter, mac, key_of, signed)


def plain_tap(uid: bytes, counter: int, mac: bytes, key_of: KeyOf, signed: bytes = b"") -> Tap | Fault:
    """The same for a chip that mirrors UID and counter as they are."""
    if len(uid) != UID or len(mac) != MAC or not 0 <= counter < 1 << 8 * COUNTER:
        return Fault.MALFORMED
    return _believed(uid, counter.to_bytes(COUNTER, "little"), mac, key_of, signed)


def is_newer(tap: Tap, highest: int | None) -> bool:
    """Whether this tap comes after all that were seen of its chip; one that doesn't is an address that somebody kept."""
    return highest is None or tap.counter > highest


def file_content(sent: bytes, tap: Tap, key: bytes) -> bytes | Fault:
    """What the chip encrypted of its file, for a tap that is believed; `sent` is a whole number of 16 bytes."""
    if not sent or len(sent) % KEY or len(key) != KEY:
        return Fault.MALFORMED
    counter = tap.counter.to_bytes(COUNTER, "little")
    session = _cmac(key, READ_WORD + tap.uid + counter)
    start = Cipher(algorithms.AES128(session), modes.ECB()).encryptor()  # noqa: S305 - one block, as the chip does
    first = start.update(counter + bytes(KEY - COUNTER)) + start.finalize()
    cipher = Cipher(algorithms.AES128(session), modes.CBC(first)).decryptor()
    return cipher.update(sent) + cipher.finalize()


def tap_mac(uid: bytes, counter: bytes, key: bytes, signed: bytes = b"") -> bytes:
    """The eight bytes that the chip shows; `counter` is the chip's, lowest byte first."""
    session = _cmac(key, MAC_WORD + uid + counter)
    return _cmac(session, signed)[1::2]


def _believed(uid: bytes, counter: bytes, mac: bytes, key_of: KeyOf, signed: bytes) -> Tap | Fault:
    key = key_of(uid)
    if key is None or len(key) != KEY:
        return Fault.NOT_CHECKED
    if not hmac.compare_digest(tap_mac(uid, counter, key, signed), mac):
        return Fault.ALTERED
    return Tap(uid, int.from_bytes(counter, "little"))


def _cmac(key: bytes, message: bytes) -> bytes:
    made = CMAC(algorithms.AES128(key))
    made.update(message)
    return made.finalize()
