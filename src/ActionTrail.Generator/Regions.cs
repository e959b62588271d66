using System.Text;

namespace ActionTrail.Generator;

/// <summary>The regions, the most used first; the first is also home of global services.</summary>
internal static class Regions
{
    private static readonly byte[][] Names =
        [.. "cn-hangzhou cn-shanghai eu-central-1 ap-southeast-1 us-west-1 cn-beijing cn-shenzhen us-east-1".Split(' ').Select(Encoding.UTF8.GetBytes)];

    public static int Count => Names.Length;

    public static ReadOnlySpan<byte> Utf8(int region) => Names[region];
}
