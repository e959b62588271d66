using System.Text;

namespace ActionTrail.Generator;

/// <summary>One API action: its name and what it touches.</summary>
internal sealed record CatalogAction(string Name, bool IsWrite, bool IsSensitive, ResourceKind Resource)
{
    public byte[] NameUtf8 { get; } = Encoding.UTF8.GetBytes(Name);
}

/// <summary>A type of resource, its ids' prefix, and the request parameter that names one.</summary>
internal sealed record ResourceKind(int Index, string Type, string IdPrefix, string Parameter)
{
    public byte[] TypeUtf8 { get; } = Encoding.UTF8.GetBytes(Type);
    public byte[] IdPrefixUtf8 { get; } = Encoding.UTF8.GetBytes(IdPrefix);
    public byte[] ParameterUtf8 { get; } = Encoding.UTF8.GetBytes(Parameter);
}

/// <summary>One service with its actions; reads and writes are drawn apart, by <see cref="WriteShare"/>.</summary>
internal sealed class CatalogEntry
{
    private readonly WeightedChoice _drawRead;
    private readonly WeightedChoice _drawWrite;

    public CatalogEntry(string name, string host, string apiVersion, bool isGlobal, double weight, double writeShare, IReadOnlyList<CatalogAction> actions)
    {
        Name = name;
        NameUtf8 = Encoding.UTF8.GetBytes(name);
        HostUtf8 = Encoding.UTF8.GetBytes(host);
        ApiVersionUtf8 = Encoding.UTF8.GetBytes(apiVersion);
        IsGlobal = isGlobal;
        Weight = weight;
        WriteShare = writeShare;
        Actions = actions;
        Reads = [.. actions.Where(a => !a.IsWrite)];
        Writes = [.. actions.Where(a => a.IsWrite)];
        _drawRead = WeightedChoice.Zipf(Math.Max(1, Reads.Count), 0.9);
        _drawWrite = WeightedChoice.Zipf(Math.Max(1, Writes.Count), 0.7);
    }

    public string Name { get; }
    public byte[] NameUtf8 { get; }

    /// <summary>First label of the endpoint, <c>ecs</c> of <c>ecs.cn-hangzhou.aliyuncs.com</c>.</summary>
    public byte[] HostUtf8 { get; }
    public byte[] ApiVersionUtf8 { get; }
    public bool IsGlobal { get; }
    public double Weight { get; }
    public double WriteShare { get; }
    public IReadOnlyList<CatalogAction> Actions { get; }
    private IReadOnlyList<CatalogAction> Reads { get; }
    private IReadOnlyList<CatalogAction> Writes { get; }

    public CatalogAction Draw(ref Chance chance)
    {
        var isWrite = Reads.Count == 0 || (Writes.Count > 0 && chance.Happens(WriteShare));
        return isWrite ? Writes[_drawWrite.Draw(ref chance)] : Reads[_drawRead.Draw(ref chance)];
    }
}
