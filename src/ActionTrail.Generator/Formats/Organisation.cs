using System.Globalization;

namespace ActionTrail.Generator.Formats;

/// <summary>One organisation with accounts in several clouds, so that the same people and accounts show up in every format.</summary>
public sealed record Organisation
{
    /// <summary>Three accounts in each cloud and the native account <c>demo</c>.</summary>
    public static Organisation Default { get; } = Of(1, accountsPerCloud: 3, ["demo"]);

    /// <summary>The Entra tenant, a GUID.</summary>
    public required string TenantId { get; init; }

    /// <summary>The domain in people's sign-in names.</summary>
    public required string Domain { get; init; }

    /// <summary>Azure subscription ids: GUIDs.</summary>
    public required IReadOnlyList<string> Subscriptions { get; init; }

    /// <summary>AWS account ids: 12 digits.</summary>
    public required IReadOnlyList<string> AwsAccounts { get; init; }

    /// <summary>Google Cloud project ids.</summary>
    public required IReadOnlyList<string> Projects { get; init; }

    /// <summary>Accounts of native events, data events, platform events and an application's CloudEvents.</summary>
    public required IReadOnlyList<string> NativeAccounts { get; init; }

    /// <summary>Every account that events of this organisation can belong to.</summary>
    public IReadOnlyList<string> Accounts => [.. NativeAccounts, .. Subscriptions, TenantId, .. AwsAccounts, .. Projects];

    /// <summary>An organisation derived from a number.</summary>
    /// <param name="seed">The same number gives the same ids.</param>
    /// <param name="accountsPerCloud">Subscriptions, AWS accounts and projects, so many of each; 1 to 100.</param>
    /// <param name="nativeAccounts">At least one.</param>
    public static Organisation Of(int seed, int accountsPerCloud, IReadOnlyList<string> nativeAccounts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(accountsPerCloud, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(accountsPerCloud, 100);
        string[] purposes = ["prod", "stage", "dev", "shared", "data", "audit", "edge", "lab"];
        var numbers = Enumerable.Range(0, accountsPerCloud).Select(i => Chance.Mix((ulong)(uint)seed, (ulong)i)).ToArray();
        return new Organisation
        {
            TenantId = Scene.GuidOf(Chance.Mix((ulong)(uint)seed + 77)),
            Domain = "contoso.example",
            Subscriptions = [.. numbers.Select(Scene.GuidOf)],
            AwsAccounts = [.. numbers.Select(static n => (100_000_000_000 + (n % 899_999_999_999)).ToString(CultureInfo.InvariantCulture))],
            Projects = [.. numbers.Select((n, i) => string.Create(CultureInfo.InvariantCulture, $"contoso-{purposes[i % purposes.Length]}-{100_000 + (n % 899_999)}"))],
            NativeAccounts = nativeAccounts,
        };
    }

    internal string? Fault() =>
        Subscriptions.Count == 0 || AwsAccounts.Count == 0 || Projects.Count == 0 || NativeAccounts.Count == 0 ? "an organisation needs an account of every kind" : null;
}
