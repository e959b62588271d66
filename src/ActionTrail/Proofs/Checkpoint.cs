using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ActionTrail.Proofs;

/// <summary>What a log was at one size, in the form of C2SP tlog-checkpoint: origin, size, base64 of the root hash, a line each.</summary>
public sealed record Checkpoint(string Origin, long Size, byte[] Root)
{
    /// <summary>The text that is signed.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root)}\n");

    /// <summary>Reads the text of a note; lines behind the third are extensions, which mean nothing here.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        checkpoint = null;
        var root = new byte[MerkleTree.HashBytes + 1];
        if (text.Split('\n') is not [{ Length: > 0 } origin, var number, var hash, .. var more] || more.Length == 0 || Array.IndexOf(more, "") != more.Length - 1
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var size) || number != size.ToString(CultureInfo.InvariantCulture)
            || !Convert.TryFromBase64String(hash, root, out var length) || length != MerkleTree.HashBytes
            || Convert.ToBase64String(root.AsSpan(0, length)) != hash)
        {
            return false;
        }

        checkpoint = new Checkpoint(origin, size, root[..MerkleTree.HashBytes]);
        return true;
    }

    /// <summary>The checkpoint of a note that one of the keys has signed; else null and why not.</summary>
    public static Checkpoint? Open(string note, IReadOnlyList<NoteKey> keys, out string fault)
    {
        fault = "It is no signed note.";
        if (!SignedNote.TryParse(note, out var signed))
            return null;
        fault = "No key that was given has signed it.";
        if (!keys.Any(signed.IsSignedBy))
            return null;
        fault = "It is signed and is no checkpoint.";
        if (!TryParse(signed.Text, out var checkpoint))
            return null;
        fault = "Its origin is not the name of the key that signed it.";
        return keys.Any(key => key.Name == checkpoint.Origin && signed.IsSignedBy(key)) ? checkpoint : null;
    }
}
