using ActionTrail.Layout;

namespace ActionTrail.Trails;

/// <summary>The destinations that the operator has configured under names: streams and Log Analytics tables.</summary>
public interface IConfiguredDestinations
{
    /// <summary>Whether there is one of the kind and name that the account may use.</summary>
    bool Offers(DestinationKind kind, string name, string account);
}

/// <summary>None.</summary>
public sealed class NoConfiguredDestinations : IConfiguredDestinations
{
    public static NoConfiguredDestinations Instance { get; } = new();

    public bool Offers(DestinationKind kind, string name, string account) => false;
}
