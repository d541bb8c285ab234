# SPDX-License-Identifier: Apache-2.0
"""Reads a QR code from the cashier's SVG, as a phone would: ISO/IEC 18004, versions 1 to 10, byte mode.
The picture is clean, so the error correction words are not needed."""

import re

# Per version: level -> data words of each block, in order (table 9 of the standard).
BLOCKS = {
    1: {"L": [19], "M": [16], "Q": [13], "H": [9]},
    2: {"L": [34], "M": [28], "Q": [22], "H": [16]},
    3: {"L": [55], "M": [44], "Q": [17] * 2, "H": [13] * 2},
    4: {"L": [80], "M": [32] * 2, "Q": [24] * 2, "H": [9] * 4},
    5: {"L": [108], "M": [43] * 2, "Q": [15] * 2 + [16] * 2, "H": [11] * 2 + [12] * 2},
    6: {"L": [68] * 2, "M": [27] * 4, "Q": [19] * 4, "H": [15] * 4},
    7: {"L": [78] * 2, "M": [31] * 4, "Q": [14] * 2 + [15] * 4, "H": [13] * 4 + [14]},
    8: {"L": [97] * 2, "M": [38] * 2 + [39] * 2, "Q": [18] * 4 + [19] * 2, "H": [14] * 4 + [15] * 2},
    9: {"L": [116] * 2, "M": [36] * 3 + [37] * 2, "Q": [16] * 4 + [17] * 4, "H": [12] * 4 + [13] * 4},
    10: {"L": [68] * 2 + [69] * 2, "M": [43] * 4 + [44], "Q": [19] * 6 + [20] * 2, "H": [15] * 6 + [16] * 2},
}
ALIGNMENT = {1: [], 2: [6, 18], 3: [6, 22], 4: [6, 26], 5: [6, 30], 6: [6, 34], 7: [6, 22, 38], 8: [6, 24, 42],
             9: [6, 26, 46], 10: [6, 28, 50]}
LEVELS = {1: "L", 0: "M", 3: "Q", 2: "H"}
MASKS = (
    lambda y, x: (y + x) % 2,
    lambda y, x: y % 2,
    lambda y, x: x % 3,
    lambda y, x: (y + x) % 3,
    lambda y, x: (y // 2 + x // 3) % 2,
    lambda y, x: y * x % 2 + y * x % 3,
    lambda y, x: (y * x % 2 + y * x % 3) % 2,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2,
)


def modules(svg):
    """Rows of booleans, dark is true, without the quiet zone."""
    dark = re.search(r'fill="#000" d="([^"]*)"', svg)
    size = re.search(r'viewBox="0 0 (\d+) \1"', svg)
    if not dark or not size:
        raise ValueError("the page shows no code")
    runs = [tuple(map(int, run)) for run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", dark.group(1))]
    quiet = min(x for x, _, _ in runs)
    side = int(size.group(1)) - 2 * quiet
    rows = [[False] * side for _ in range(side)]
    for x, y, length in runs:
        rows[y - quiet][x - quiet:x - quiet + length] = [True] * length
    return rows


def reserved(side, version):
    """Where no data stands: finders, timing, alignment, format and version."""
    taken = [[y < 9 and (x < 9 or x >= side - 8) or y >= side - 8 and x < 9 or x == 6 or y == 6
              for x in range(side)] for y in range(side)]
    places = ALIGNMENT[version]
    for top in places:
        for left in places:
            if (top, left) in ((6, 6), (6, places[-1]), (places[-1], 6)):
                continue
            for y in range(top - 2, top + 3):
                for x in range(left - 2, left + 3):
                    taken[y][x] = True
    if version >= 7:
        for i in range(6):
            for j in range(side - 11, side - 8):
                taken[i][j] = taken[j][i] = True
    return taken


def words(rows, taken, mask):
    """The code words in the order of the zigzag."""
    side, bits, x, upward = len(rows), [], len(rows) - 1, True
    while x > 0:
        x -= x == 6
        for y in range(side - 1, -1, -1) if upward else range(side):
            for column in (x, x - 1):
                if not taken[y][column]:
                    bits.append(rows[y][column] ^ (MASKS[mask](y, column) == 0))
        upward, x = not upward, x - 2
    return [int("".join("01"[bit] for bit in bits[i:i + 8]), 2) for i in range(0, len(bits) - 7, 8)]


def separate(stream, sizes):
    """Undoes the interleaving of the data words."""
    blocks, position = [[] for _ in sizes], 0
    for i in range(max(sizes)):
        for block, size in zip(blocks, sizes):
            if i < size:
                block.append(stream[position])
                position += 1
    return [word for block in blocks for word in block]


def scan(svg):
    """The text of the code. Raises ValueError when a phone could not read it."""
    rows = modules(svg)
    side = len(rows)
    version = (side - 17) // 4
    if side != version * 4 + 17 or version not in BLOCKS:
        raise ValueError(f"a code of {side} modules is not read here")
    places = [(8, x) for x in (0, 1, 2, 3, 4, 5, 7, 8)] + [(y, 8) for y in (7, 5, 4, 3, 2, 1, 0)]
    form = int("".join("01"[rows[y][x]] for y, x in places), 2) ^ 0b101010000010010
    sizes = BLOCKS[version][LEVELS[form >> 13]]
    data = separate(words(rows, reserved(side, version), form >> 10 & 7), sizes)
    bits = "".join(f"{word:08b}" for word in data)
    length_bits = 8 if version < 10 else 16
    if bits[:4] != "0100":
        raise ValueError("the code is not in byte mode")
    count = int(bits[4:4 + length_bits], 2)
    start = 4 + length_bits
    return bytes(int(bits[start + i * 8:start + i * 8 + 8], 2) for i in range(count)).decode()
