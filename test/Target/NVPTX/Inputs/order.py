"""Assembles PTX whole and as the driver's linker does, and looks at the machine code: one instruction waits for the kernel before this one, ahead of
all that loads global memory, and something is loaded ahead of all memory that stays. The order is that of addresses, so what stands out of the way
behind the end counts as late.   order.py ARCHITECTURE FILE.ptx..."""

import pathlib
import struct
import subprocess
import sys
import tempfile

# From sm_90 to sm_120: the last twelve bits of an instruction say what it does, the next four that it does so unless a predicate (7 is none) ...
OPCODE, PREDICATE, NEVER = 0xFFF, 0xF000, 0x7000
WAIT, NEXT, LOAD, COPIES = 0x82E, 0x82D, 0x981, (0xFAE, 0x5B4)
# ... and this bit of the second word that a load is one of memory that stays.
STAYS = 0x8000


def kernels(elf):
    """The code of each kernel of an ELF file of 64 bits, with its section's name."""
    start, size, count, names = struct.unpack_from("<Q", elf, 40)[0], *struct.unpack_from("<HHH", elf, 58)
    headers = [struct.unpack_from("<IIQQQQ", elf, start + size * i) for i in range(count)]
    for name, _, _, _, offset, length in headers:
        begin = headers[names][4] + name
        text = elf[begin : elf.index(b"\0", begin)].decode()
        # Functions that the assembler adds load nothing.
        if text.startswith(".text.") and not text.startswith(".text.__cuda"):
            yield text, elf[offset : offset + length]


def places(code):
    """Where the code waits, lets the next kernel start, loads, and loads memory that stays."""
    waits, nexts, loads, staying = [], [], [], []
    for place, (low, high) in enumerate(struct.iter_unpack("<QQ", code)):
        opcode, isAlways = low & OPCODE, low & PREDICATE == NEVER
        if opcode == WAIT and isAlways:
            waits.append(place)
        elif opcode == NEXT and isAlways:
            nexts.append(place)
        elif opcode == LOAD and high & STAYS:
            staying.append(place)
        elif opcode == LOAD or opcode in COPIES:
            loads.append(place)
    return waits, nexts, loads, staying


failed = False
for path in sys.argv[2:]:
    for how in ([], ["-c"]):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "cubin"
            subprocess.run(["ptxas", f"-arch={sys.argv[1]}", *how, path, "-o", out], check=True, stdout=subprocess.DEVNULL)
            elf = out.read_bytes()
        for name, code in kernels(elf):
            waits, nexts, loads, staying = places(code)
            right = len(waits) == len(nexts) == 1 and loads and waits[0] < min(loads) and all(loads[0] < at for at in staying)
            failed |= not right
            print(f"{pathlib.Path(path).name} {name} {' '.join(how) or 'whole'}: {len(loads)} loads, {len(staying)} of memory that stays, {'in order' if right else 'WRONG'}")
sys.exit(failed)
