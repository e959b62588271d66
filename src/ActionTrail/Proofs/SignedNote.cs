using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ActionTrail.Proofs;

/// <summary>
/// A text with signatures in the form of C2SP signed-note: the text, which ends with a line feed, an empty line, and per signature a line
/// <c>— {key name} {base64 of key id and signature}</c>.
/// </summary>
public sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    /// <summary>Most bytes of a note that is read.</summary>
    public const int MaxBytes = 128 * 1024;

    private const int MaxSignatures = 64;
    private const string Dash = "— ";

    /// <summary>Reads a note. Its text says nothing before a signature is verified.</summary>
    public static bool TryParse(string note, [NotNullWhen(true)] out SignedNote? parsed)
    {
        parsed = null;
        if (note.Length > MaxBytes || note.Any(static c => c < ' ' && c != '\n') || !note.EndsWith('\n'))
            return false;
        var split = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0 || split + 2 >= note.Length)
            return false;
        var signatures = new List<NoteSignature>();
        foreach (var line in note[(split + 2)..^1].Split('\n'))
        {
            if (!line.StartsWith(Dash, StringComparison.Ordinal) || line[Dash.Length..].Split(' ') is not [var name, var encoded] || !NoteKey.IsName(name))
                return false;
            var bytes = new byte[encoded.Length];
            if (!Convert.TryFromBase64String(encoded, bytes, out var length) || length < 5 || Convert.ToBase64String(bytes.AsSpan(0, length)) != encoded)
                return false;
            signatures.Add(new NoteSignature(name, Convert.ToHexStringLower(bytes.AsSpan(0, 4)), bytes[4..length]));
        }

        if (signatures.Count is 0 or > MaxSignatures)
            return false;
        parsed = new SignedNote(note[..(split + 1)], signatures);
        return true;
    }

    /// <summary>Whether the key has signed. Signatures of other keys do not count; one of this key that is wrong spoils the note.</summary>
    public bool IsSignedBy(NoteKey key)
    {
        var own = Signatures.Where(s => s.Name == key.Name && s.KeyId == key.Id).ToList();
        return own.Count > 0 && own.TrueForAll(s => key.Verifies(Text, s.Signature));
    }

    public override string ToString()
    {
        var note = new StringBuilder(Text).Append('\n');
        foreach (var signature in Signatures)
            note.Append(Dash).Append(signature.Name).Append(' ').Append(Convert.ToBase64String([.. Convert.FromHexString(signature.KeyId), .. signature.Signature])).Append('\n');
        return note.ToString();
    }
}

/// <summary>One signature of a note.</summary>
/// <param name="Name">Name of the key.</param>
/// <param name="KeyId">8 hexadecimal digits.</param>
/// <param name="Signature">For our keys: ECDSA, DER.</param>
public sealed record NoteSignature(string Name, string KeyId, byte[] Signature);
