using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ActionTrail.Storage;

namespace ActionTrail.Digests;

/// <summary>
/// Keys in PEM, one after another, each under the lines that say when it is valid:
/// <code>
/// valid-from: 2026-03-01T00:00:00Z
/// valid-until: 2027-03-01T00:00:00Z
/// -----BEGIN PRIVATE KEY-----
/// </code>
/// <c>valid-until</c> may be missing. A retired key is kept as its <c>PUBLIC KEY</c> alone; what people publish for verifiers has the same form.
/// </summary>
public sealed class PemSigningKeys : ISigningKeys
{
    private const string ValidFrom = "valid-from:";
    private const string ValidUntil = "valid-until:";

    private readonly List<(SigningKey Key, string? Private)> keys = [];

    /// <exception cref="FormatException">The text breaks the form; the message never shows keys.</exception>
    public PemSigningKeys(string text)
    {
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            var (label, pem) = (rest[fields.Label].ToString(), rest[fields.Location].ToString());
            var (from, until) = ReadValidity(rest[..fields.Location.Start.Value], keys.Count + 1);
            keys.Add(ReadKey(label, pem, from, until));
            rest = rest[fields.Location.End..];
        }

        if (keys.Count == 0 || !rest.IsWhiteSpace())
            throw new FormatException(keys.Count == 0 ? "There is no key in PEM." : "Something that is no key follows the last one.");
        if (keys.Select(static k => k.Key.Fingerprint).Distinct(StringComparer.Ordinal).Count() != keys.Count)
            throw new FormatException("A key is there twice.");
        keys.Sort(static (a, b) => a.Key.ValidFrom.CompareTo(b.Key.ValidFrom));
    }

    public IReadOnlyList<SigningKey> Keys => [.. keys.Select(static k => k.Key)];

    public Task<IReadOnlyList<SigningKey>> ListAsync(CancellationToken cancellationToken) => Task.FromResult(Keys);

    public Task<byte[]> SignAsync(string fingerprint, ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken)
    {
        var (key, pem) = keys.Find(k => k.Key.Fingerprint == fingerprint);
        if (pem is null)
            throw new StoreException(StoreErrorKind.NotFound, $"There is no private key {fingerprint}.");
        using var opened = Open(pem, key.Algorithm);
        return Task.FromResult(opened is RSA rsa
            ? rsa.SignHash(sha256.ToArray(), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : ((ECDsa)opened).SignHash(sha256.Span, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    /// <summary>A new private key in the form of this class.</summary>
    public static string Create(SigningAlgorithm algorithm, DateTimeOffset validFrom)
    {
        using AsymmetricAlgorithm key = algorithm == SigningAlgorithm.Rsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Format(validFrom, validUntil: null, key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>The public halves in the form of this class, for verifiers.</summary>
    public static string FormatPublic(IEnumerable<SigningKey> keys) =>
        string.Concat(keys.Select(static k => Format(k.ValidFrom, k.ValidUntil, PemEncoding.WriteString("PUBLIC KEY", k.PublicKey))));

    private static string Format(DateTimeOffset validFrom, DateTimeOffset? validUntil, string pem)
    {
        var text = new StringBuilder();
        text.Append(ValidFrom).Append(' ').Append(DigestTimes.Format(validFrom)).Append('\n');
        if (validUntil is { } until)
            text.Append(ValidUntil).Append(' ').Append(DigestTimes.Format(until)).Append('\n');
        return text.Append(pem.ReplaceLineEndings("\n")).Append('\n').ToString();
    }

    private static (DateTimeOffset From, DateTimeOffset? Until) ReadValidity(ReadOnlySpan<char> preamble, int number)
    {
        DateTimeOffset? from = null, until = null;
        foreach (var raw in preamble.EnumerateLines())
        {
            var line = raw.Trim();
            if (line.StartsWith(ValidFrom, StringComparison.Ordinal))
                from = ReadTime(line[ValidFrom.Length..].Trim(), number);
            else if (line.StartsWith(ValidUntil, StringComparison.Ordinal))
                until = ReadTime(line[ValidUntil.Length..].Trim(), number);
            else if (line.Length > 0 && line[0] != '#')
                throw new FormatException(Invariant($"Above key {number} stands a line that is neither {ValidFrom} nor {ValidUntil} nor a comment after #."));
        }

        if (from is null)
            throw new FormatException(Invariant($"Above key {number} the line {ValidFrom} is missing."));
        if (until <= from)
            throw new FormatException(Invariant($"Key {number} is valid until before it is valid."));
        return (from.Value, until);
    }

    private static DateTimeOffset ReadTime(ReadOnlySpan<char> text, int number) =>
        DigestTimes.TryParse(text, out var time) ? time : throw new FormatException(Invariant($"A time of key {number} is not like 2026-03-01T00:00:00Z."));

    private (SigningKey Key, string? Private) ReadKey(string label, string pem, DateTimeOffset from, DateTimeOffset? until)
    {
        try
        {
            if (label == "PUBLIC KEY")
                return (SigningKey.Of(PemBytes(pem), from, until), null);
            using var opened = Open(pem, algorithm: null);
            var spki = opened is RSA rsa ? rsa.ExportSubjectPublicKeyInfo() : ((ECDsa)opened).ExportSubjectPublicKeyInfo();
            return (SigningKey.Of(spki, from, until), pem);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new FormatException(Invariant($"Key {keys.Count + 1} cannot be used: RSA of 2048 to 4096 bits or ECDSA on P-256, PRIVATE KEY or PUBLIC KEY, not encrypted."), e);
        }
    }

    private static byte[] PemBytes(string pem)
    {
        var fields = PemEncoding.Find(pem);
        return Convert.FromBase64String(pem[fields.Base64Data]);
    }

    private static AsymmetricAlgorithm Open(string pem, SigningAlgorithm? algorithm)
    {
        if (algorithm is null or SigningAlgorithm.Rsa)
        {
            var rsa = RSA.Create();
            try
            {
                rsa.ImportFromPem(pem);
                return rsa;
            }
            catch (Exception e) when (algorithm is null && e is CryptographicException or ArgumentException)
            {
                rsa.Dispose();
            }
        }

        var ecdsa = ECDsa.Create();
        ecdsa.ImportFromPem(pem);
        return ecdsa;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
