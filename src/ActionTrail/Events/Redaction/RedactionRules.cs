using System.Collections.Frozen;
using System.Text;
using ActionTrail.Layout;

namespace ActionTrail.Events.Redaction;

/// <summary>Which members hold secrets: the built-in table with the operator's additions and exceptions. Immutable.</summary>
/// <remarks>
/// Names compare without case, <c>_</c> and <c>-</c>: <c>master_user_password</c> is <c>MasterUserPassword</c>. What secrets look like inside a text
/// (signatures, tokens, keys) is code, not data: see docs/redaction.md.
/// </remarks>
public sealed class RedactionRules
{
    /// <summary>Most names that may be added, and most that may be kept.</summary>
    public const int MaxNames = 200;

    /// <summary>Longest name that is compared.</summary>
    public const int MaxNameLength = 64;

    private readonly FrozenDictionary<ulong, (byte[] Name, NameRule Rule)> exact;
    private readonly (byte[] Ending, NameRule Rule)[] endings;
    private readonly NameTails tails = new();
    private readonly NameTails marked = new();

    private RedactionRules(IEnumerable<string> names, IEnumerable<string> keep)
    {
        var table = new Dictionary<string, NameRule>(StringComparer.Ordinal);
        foreach (var (kinds, rule, list) in SecretNames.Exact)
        {
            foreach (var name in list.Split(' '))
                table.Add(name, new NameRule(kinds, rule));
        }

        foreach (var name in names)
            table[Normal(name)] = new NameRule(NameKinds.Secret, RedactionRule.Configured);
        foreach (var name in keep)
            table[Normal(name)] = new NameRule(NameKinds.Never, RedactionRule.Configured);
        exact = table.Select(static one => (Name: Encoding.ASCII.GetBytes(one.Key), one.Value)).ToFrozenDictionary(static one => Hash64.Of(one.Name));
        endings = [.. SecretNames.Endings.SelectMany(static group => group.Names.Split(' ').Select(ending => (Encoding.ASCII.GetBytes(ending), new NameRule(group.Kinds, group.Rule))))];
        foreach (var (name, rule) in exact.Values)
        {
            if (rule.Is(NameKinds.Suspect))
                tails.Add(name);
            if (rule.Kinds != NameKinds.Label)
                marked.Add(name);
        }

        foreach (var (ending, _) in endings)
        {
            tails.Add(ending);
            marked.Add(ending);
        }
    }

    /// <summary>The built-in table alone.</summary>
    public static RedactionRules Default { get; } = new([], []);

    /// <summary>The built-in table with additions and exceptions; an exception outweighs everything.</summary>
    /// <param name="names">Names whose values are masked as well.</param>
    /// <param name="keep">Names whose own values are never masked.</param>
    /// <exception cref="ArgumentException">Something is no name (<see cref="IsName"/>), or there are more than <see cref="MaxNames"/>.</exception>
    public static RedactionRules Create(IReadOnlyCollection<string> names, IReadOnlyCollection<string> keep)
    {
        foreach (var list in (IReadOnlyCollection<string>[])[names, keep])
        {
            if (list.Count > MaxNames || !list.All(IsName))
                throw new ArgumentException($"At most {MaxNames} names of letters, digits and _-.$@:/.", nameof(names));
        }

        return new RedactionRules(names, keep);
    }

    /// <summary>Whether a text can be a rule: 3 to <see cref="MaxNameLength"/> ASCII letters, digits and <c>_-.$@:/</c>, of them at least three letters or digits.</summary>
    public static bool IsName(string text) => text.Length <= MaxNameLength
        && text.All(static c => char.IsAsciiLetterOrDigit(c) || "_-.$@:/".Contains(c, StringComparison.Ordinal))
        && text.Count(char.IsAsciiLetterOrDigit) >= 3;

    /// <summary>What the name says; nothing for most.</summary>
    /// <param name="utf8Name">The unescaped name.</param>
    internal NameRule Find(ReadOnlySpan<byte> utf8Name)
    {
        Span<byte> normal = stackalloc byte[MaxNameLength];
        var length = 0;
        foreach (var one in utf8Name)
        {
            if (one is (byte)'_' or (byte)'-')
                continue;
            if (length == normal.Length)
                return default;
            normal[length++] = (byte)(one is >= (byte)'A' and <= (byte)'Z' ? one | 0x20 : one);
        }

        ReadOnlySpan<byte> name = normal[..length];
        if (exact.TryGetValue(Hash64.Of(name), out var found) && name.SequenceEqual(found.Name))
            return found.Rule;
        foreach (var (ending, rule) in endings)
        {
            if (name.EndsWith(ending))
                return rule;
        }

        return default;
    }

    /// <summary>Whether the name makes a closer look worth while. Cheap for almost all that do not.</summary>
    internal bool IsSuspect(ReadOnlySpan<byte> utf8Name) => IsSuspect(utf8Name, out _);

    /// <summary>As the other, with what the name says of its value.</summary>
    internal bool IsSuspect(ReadOnlySpan<byte> utf8Name, out NameKinds kinds)
    {
        kinds = utf8Name.Length is >= 2 and <= 2 * MaxNameLength && tails.MayEnd(utf8Name, utf8Name.Length) ? Find(utf8Name).Kinds & NameKinds.Suspect : NameKinds.None;
        return kinds != NameKinds.None;
    }

    /// <summary>As <see cref="Find"/>, but nothing for names that are labels only. Quicker.</summary>
    internal NameRule FindMarked(ReadOnlySpan<byte> utf8Name) => marked.MayEnd(utf8Name, utf8Name.Length) ? Find(utf8Name) : default;

    /// <summary>Whether the name that ends at the position, where a quote is, can be a suspect one.</summary>
    internal bool MayEnd(ReadOnlySpan<byte> json, int at) => tails.MayEnd(json, at);

    private static string Normal(string name)
    {
        var normal = new StringBuilder(name.Length);
        foreach (var one in name)
        {
            if (one is not ('_' or '-'))
                normal.Append(char.ToLowerInvariant(one));
        }

        return normal.ToString();
    }
}
