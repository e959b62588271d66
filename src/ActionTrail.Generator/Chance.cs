namespace ActionTrail.Generator;

/// <summary>A seeded source of chance whose sequence is the same on every machine and runtime (SplitMix64).</summary>
internal struct Chance(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>A number from 0 up to, not including, <paramref name="bound"/>.</summary>
    public int Below(int bound) => (int)Math.BigMul(Next(), (ulong)bound, out _);

    /// <summary>A number in [0, 1).</summary>
    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True in the given share of calls.</summary>
    public bool Happens(double share) => Fraction() < share;

    /// <summary>Spreads the bits of a value, so that things derived from neighbouring numbers look unrelated.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>One value from two, order matters.</summary>
    public static ulong Mix(ulong first, ulong second) => Mix(Mix(first + 0x9E3779B97F4A7C15) ^ second);
}
