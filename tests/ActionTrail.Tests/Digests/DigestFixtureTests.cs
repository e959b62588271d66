using System.Runtime.CompilerServices;
using ActionTrail.Digests;

namespace ActionTrail.Tests.Digests;

/// <summary>A digest, its signature and the public key as version 1 wrote them: read for ever.</summary>
public sealed class DigestFixtureTests
{
    [Theory]
    [InlineData("digest-v1-rsa")]
    [InlineData("digest-v1-ecdsa")]
    public void A_frozen_digest_is_still_proved_and_written_alike(string name)
    {
        var content = File.ReadAllBytes(PathOf(name + ".json"));
        var key = Assert.Single(new PemSigningKeys(File.ReadAllText(PathOf(name + ".pem"))).Keys);
        Assert.True(DigestJson.TryParse(content, out var digest, out var fault), fault);
        var signature = DigestSignature.Parse(File.ReadAllBytes(PathOf(name + ".json.sig")));

        Assert.Equal(key.Fingerprint, digest.KeyFingerprint);
        Assert.True(key.IsValidAt(digest.EndTime));
        Assert.True(key.Verifies(DigestText.ToSign(digest, content), Convert.FromHexString(signature!.Value)));
        Assert.Equal(content, DigestJson.Format(digest));
        Assert.Equal((2, 7L), (digest.Files.Count, digest.Files.Sum(static f => (long)f.Events)));
        Assert.NotNull(digest.Previous);
    }

    private static string PathOf(string file, [CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../formats/v1", file));
}
