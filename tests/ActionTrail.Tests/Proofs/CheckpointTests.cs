using System.Security.Cryptography;
using System.Text;
using ActionTrail.Proofs;

namespace ActionTrail.Tests.Proofs;

public class CheckpointTests
{
    private const string Origin = "audit.example/history";

    private static readonly Checkpoint Made = new(Origin, 20852163, SHA256.HashData("root"u8));

    [Fact]
    public async Task A_signed_checkpoint_is_read_back_by_whoever_has_the_key()
    {
        var (note, key) = await SignAsync(Made);

        var read = Checkpoint.Open(note, [key], out _);

        Assert.Equal((Made.Origin, Made.Size), (read!.Origin, read.Size));
        Assert.Equal(Made.Root, read.Root);
        Assert.Equal(4, note.Count(static c => c == '\n') - 1);
        Assert.StartsWith($"{Origin}\n20852163\n", note, StringComparison.Ordinal);
        Assert.True(NoteKey.TryParse(key.ToString(), out var again));
        Assert.Equal(key.ToString(), again.ToString());
    }

    [Fact]
    public async Task No_note_with_one_changed_byte_is_taken()
    {
        var (note, key) = await SignAsync(Made);
        var bytes = Encoding.UTF8.GetBytes(note);
        for (var at = 0; at < bytes.Length; at++)
        {
            var changed = bytes.ToArray();
            changed[at] ^= 1;
            Assert.True(Checkpoint.Open(Encoding.UTF8.GetString(changed), [key], out var fault) is null, $"byte {at}");
            Assert.NotEqual("", fault);
        }
    }

    [Fact]
    public async Task Signatures_of_others_do_not_matter_and_a_wrong_one_of_ours_spoils_the_note()
    {
        var (note, key) = await SignAsync(Made);
        var (other, otherKey) = await SignAsync(Made, "witness.example/w1");
        Assert.True(SignedNote.TryParse(note, out var ours));
        Assert.True(SignedNote.TryParse(other, out var theirs));
        var both = ours with { Signatures = [.. theirs.Signatures, .. ours.Signatures] };
        var spoiled = ours with { Signatures = [.. ours.Signatures, ours.Signatures[0] with { Signature = [1, 2, 3] }] };

        Assert.NotNull(Checkpoint.Open(both.ToString(), [key], out _));
        Assert.Null(Checkpoint.Open(other, [key], out _));
        Assert.Null(Checkpoint.Open(spoiled.ToString(), [key], out _));

        // A key may sign a note of another log; that makes it no checkpoint of its own.
        Assert.Null(Checkpoint.Open(other, [otherKey], out var fault));
        Assert.Contains("origin", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("a\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("a\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("a\n1\nAAAA\n")]
    [InlineData("a\n1\n")]
    [InlineData("a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n")]
    public void What_is_no_checkpoint_is_refused(string text) => Assert.False(Checkpoint.TryParse(text, out _));

    [Fact]
    public void An_extension_line_is_passed_over() =>
        Assert.True(Checkpoint.TryParse("a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n", out _));

    [Theory]
    [InlineData("text\n\n")]
    [InlineData("text\n\n— name AAAA\n")]
    [InlineData("text\n\n- name AAAAAAAA\n")]
    [InlineData("text\n\n— na me AAAAAAAA\n")]
    [InlineData("text\n\n— name AAAAAAAA")]
    [InlineData("te\txt\n\n— name AAAAAAAA\n")]
    [InlineData("text\n— name AAAAAAAA\n")]
    public void What_is_no_note_is_refused(string note) => Assert.False(SignedNote.TryParse(note, out _));

    [Fact]
    public void Keys_of_other_kinds_and_of_wrong_text_are_refused()
    {
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var text = new NoteKey("a", p256.ExportSubjectPublicKeyInfo()).ToString();

        Assert.Throws<FormatException>(() => new NoteKey("a", p384.ExportSubjectPublicKeyInfo()));
        Assert.Throws<FormatException>(() => new NoteKey("a b", p256.ExportSubjectPublicKeyInfo()));
        Assert.Throws<FormatException>(() => LocalCheckpointKey.Parse(p384.ExportPkcs8PrivateKeyPem()));
        Assert.Throws<FormatException>(() => LocalCheckpointKey.Parse(p256.ExportSubjectPublicKeyInfoPem()));
        Assert.Throws<FormatException>(() => LocalCheckpointKey.Parse("no key"));
        Assert.False(NoteKey.TryParse("b" + text, out var named) && named.Name == "a");
        Assert.False(NoteKey.TryParse(text[..^4], out _));
        Assert.False(NoteKey.TryParse(text.Replace(text.Split('+')[1], "00000000", StringComparison.Ordinal), out _));
        using var fromPem = LocalCheckpointKey.Parse(p256.ExportPkcs8PrivateKeyPem());
        using var fromBase64 = LocalCheckpointKey.Parse(Convert.ToBase64String(p256.ExportPkcs8PrivateKey()));
        Assert.Equal(fromPem.PublicKey, fromBase64.PublicKey);
    }

    private static async Task<(string Note, NoteKey Key)> SignAsync(Checkpoint checkpoint, string name = Origin)
    {
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signer = LocalCheckpointKey.Parse(made.ExportPkcs8PrivateKeyPem());
        var key = new NoteKey(name, signer.PublicKey);
        var signature = await signer.SignAsync(SHA256.HashData(Encoding.UTF8.GetBytes(checkpoint.Text)), default);
        return (new SignedNote(checkpoint.Text, [new NoteSignature(key.Name, key.Id, signature)]).ToString(), key);
    }
}
