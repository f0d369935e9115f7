#!/usr/bin/env python3
"""Finds the polynomials of lib/Numerics: for each table its minimax coefficients, rounded to the table's format.

With --check it compares them with what the sources say instead of printing them. Needs mpmath.
"""

import pathlib
import re
import sys

import mpmath as mp

ROUNDS = 12
F32, F64 = 24, 53


def rounded(value, bits):
    """`value` to nearest with `bits` of significand."""
    significand, exponent = mp.frexp(value)
    return mp.ldexp(mp.nint(mp.ldexp(significand, bits)), exponent - bits)


def remez(f, weight, degree, low, high):
    """The coefficients that minimise the greatest weight * |f - polynomial|, by Remez exchange."""
    count = degree + 1

    def chebyshev(i, n):
        return (low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * i / n)

    nodes = [chebyshev(mp.mpf(i), count) for i in range(count + 1)]
    points = 40 * (count + 2)
    grid = [chebyshev(i + mp.mpf(1) / 2, points) for i in range(points)]
    values = [(f(x), weight(x)) for x in grid]
    best = None
    for _ in range(ROUNDS):
        system, right = mp.matrix(count + 1, count + 1), mp.matrix(count + 1, 1)
        for row, x in enumerate(nodes):
            for column in range(count):
                system[row, column] = x**column
            system[row, count] = (-1) ** row / weight(x)
            right[row] = f(x)
        solution = mp.lu_solve(system, right)
        coefficients = [solution[i] for i in range(count)]
        errors = [w * (y - mp.polyval(coefficients[::-1], x)) for x, (y, w) in zip(grid, values)]
        worst = max(map(abs, errors))
        if best is None or worst < best[0]:
            best = worst, coefficients
        if worst < abs(solution[count]) * mp.mpf("1.001"):
            break
        # The greatest error of each run of one sign; then as many neighbours as the system has rows.
        extrema, start = [], 0
        for i in range(1, points + 1):
            if i == points or (errors[i] > 0) != (errors[start] > 0):
                extrema.append(max(range(start, i), key=lambda k: abs(errors[k])))
                start = i
        while len(extrema) > count + 1:
            if len(extrema) == count + 2:
                extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
            else:
                size = lambda k: max(abs(errors[extrema[k]]), abs(errors[extrema[k + 1]]))
                least = min(range(len(extrema) - 1), key=size)
                del extrema[least : least + 2]
        if len(extrema) < count + 1:
            break
        nodes = [grid[k] for k in extrema]
    return best[1]


def fit(f, weight, degree, low, high, bits, floor=10):
    """Rounded coefficients. The weight, the relative error that an error of f makes, is kept above 2^-floor of its maximum."""
    greatest = max(abs(weight(low + (high - low) * mp.mpf(i) / 50)) for i in range(51))

    def limited(x):
        return max(abs(weight(x)), greatest * mp.mpf(2) ** -floor)

    coefficients = remez(f, limited, degree, low, high)
    return [rounded(c, bits) for c in coefficients]


def removable(f, limit):
    """f with its removable singularity at 0 filled in, and enough digits beside it."""

    def g(x):
        with mp.workprec(500):
            return f(x) if abs(x) > mp.mpf(10) ** -40 else mp.mpf(limit)

    return g


def odd(f, constant, limit):
    """(f(r) - constant * r) / r³ in z = r²."""
    return removable(lambda z: (f(mp.sqrt(z)) - constant * mp.sqrt(z)) / mp.sqrt(z) ** 3, limit)


def tables():
    """Name and coefficients of every table."""
    one = mp.mpf(1)
    ln2 = mp.log(2)
    half = ln2 / 2 * mp.mpf("1.0005")
    exp = removable(lambda r: (mp.exp(r) - 1 - r) / r**2, one / 2)
    exp_weight = lambda r: r * r / mp.exp(r)
    yield "expF32", lambda: fit(exp, exp_weight, 4, -half, half, F32)
    yield "expF64", lambda: fit(exp, exp_weight, 10, -half, half, F64)

    unit = mp.mpf("0.5005")
    exp2 = removable(lambda r: (mp.power(2, r) - 1 - r * ln2) / r**2, ln2**2 / 2)
    exp2_weight = lambda r: r * r / mp.power(2, r)
    yield "exp2F32", lambda: fit(exp2, exp2_weight, 4, -unit, unit, F32)
    yield "exp2F64", lambda: fit(exp2, exp2_weight, 10, -unit, unit, F64)

    third = one / 3 + mp.mpf("1e-5")
    cubic = removable(lambda f: (mp.log(1 + f) - f + f * f / 2) / f**3, one / 3)
    cubic_weight = removable(lambda f: f**3 / mp.log(1 + f), 0)
    yield "cubicF32", lambda: fit(cubic, cubic_weight, 7, -third, third, F32)
    greatest = (mp.sqrt(2) - 1) / (mp.sqrt(2) + 1) * mp.mpf("1.001")
    series = odd(lambda s: mp.log((1 + s) / (1 - s)), 2, 2 * one / 3)
    yield "seriesF64", lambda: fit(series, lambda z: z, 6, mp.mpf(0), greatest**2, F64)

    quarter = (mp.pi / 4) ** 2 * mp.mpf("1.0005")
    sin = odd(mp.sin, 1, -one / 6)
    sin_weight = removable(lambda z: mp.sqrt(z) ** 3 / mp.sin(mp.sqrt(z)), 0)
    yield "sinF32", lambda: fit(sin, sin_weight, 2, mp.mpf(0), quarter, F32)
    yield "sinF64", lambda: fit(sin, lambda z: z, 5, mp.mpf(0), quarter, F64)
    cos = removable(lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2, one / 24)
    cos_weight = lambda z: z * z / mp.cos(mp.sqrt(z))
    yield "cosF32", lambda: fit(cos, cos_weight, 2, mp.mpf(0), quarter, F32)
    yield "cosF64", lambda: fit(cos, lambda z: z * z, 5, mp.mpf(0), quarter, F64)

    bound = mp.mpf("0.5625") ** 2
    tanh = odd(mp.tanh, 1, -one / 3)
    tanh_weight = removable(lambda z: mp.sqrt(z) ** 3 / mp.tanh(mp.sqrt(z)), 0)
    yield "tanhF32", lambda: fit(tanh, tanh_weight, 4, mp.mpf(0), bound, F32)
    yield "tanhF64", lambda: fit(tanh, lambda z: z, 10, mp.mpf(0), bound, F64)

    slope = 2 / mp.sqrt(mp.pi)
    erf = removable(lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1, slope - 1)
    erf_weight = removable(lambda z: mp.sqrt(z) / mp.erf(mp.sqrt(z)), 1 / slope)
    yield "erfF32", lambda: fit(erf, erf_weight, 6, mp.mpf(0), one, F32)
    yield "erfF64", lambda: fit(erf, erf_weight, 12, mp.mpf(0), one, F64)
    erfc = lambda a: -mp.log(mp.erfc(a))
    erfc_weight = lambda a: mp.erfc(a) / mp.erf(a)
    yield "erfcF32", lambda: fit(erfc, erfc_weight, 8, one, mp.mpf(4), F32, floor=24)
    yield "erfcF64", lambda: fit(erfc, erfc_weight, 17, one, mp.mpf(6), F64, floor=60)

    # q = -log2(erfc(a / sqrt 2) / 2); what an error of it does to GELU is least where 2^-q is next to nothing.
    tail = lambda a: mp.erfc(a / mp.sqrt(2)) / 2
    gelu = removable(lambda a: (-mp.log(tail(a), 2) - 1) / a, mp.sqrt(2 / mp.pi) / ln2)
    gelu_weight = lambda a: a * tail(a) / (1 - tail(a))
    yield "geluF32", lambda: fit(gelu, gelu_weight, 7, mp.mpf(0), mp.mpf(6), F32)
    # Beside a power of two that is off by 2 ulp: the error relative to the result above 0, and by how much more each is allowed to be
    # below it, relative down to -3 and absolute from there. Near 0 rounding takes more of what there is.
    above = lambda a: tail(a) * (1 + mp.mpf("0.85") * tail(a)) / (1 - tail(a))
    by_power_weight = lambda a: a * max(above(a), min(one / 95, mp.mpf("2.5") * a * tail(a)))
    yield "geluByPowerF32", lambda: fit(gelu, by_power_weight, 5, mp.mpf(0), mp.mpf(6), F32, floor=30)
    yield "geluFastF32", lambda: fit(gelu, gelu_weight, 4, mp.mpf(0), mp.mpf(6), F32)


def written():
    """The tables as the sources have them."""
    result = {}
    folder = pathlib.Path(__file__).resolve().parent.parent / "lib" / "Numerics"
    for path in folder.glob("*.cpp"):
        for name, body in re.findall(r"constexpr double (\w+)\[\] = \{(.*?)\};", path.read_text(), re.S):
            result[name] = [float.fromhex(number) for number in body.split(",")]
    return result


def main():
    mp.mp.prec = 220
    check = sys.argv[1:] == ["--check"]
    sources = written()
    differing = []
    for name, compute in tables():
        numbers = [float(c) for c in compute()]
        if check and numbers != sources.get(name):
            differing.append(name)
        elif not check:
            print(name + ": " + ", ".join(number.hex() for number in numbers))
    for name in differing:
        print(f"{name}: lib/Numerics has other coefficients", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
