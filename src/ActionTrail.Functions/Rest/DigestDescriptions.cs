using ActionTrail.Digests;
using ActionTrail.Functions.OpenApi;

namespace ActionTrail.Functions.Rest;

/// <summary>What the OpenAPI document says of <see cref="DigestRoutes"/>.</summary>
internal static class DigestDescriptions
{
    private static readonly Shape Algorithm = Shape.Choice("How digests are signed.", SigningKey.NameOf(SigningAlgorithm.Rsa), SigningKey.NameOf(SigningAlgorithm.Ecdsa));

    private static readonly Shape Fingerprint = Shape.Text("SHA-256 of the public key in DER, hexadecimal.");

    public static readonly RouteDescription List = new(
        "List the digests of a trail, oldest first.",
        Reply.Ok(
            "A page of digests.",
            Shape.Page(Shape.Object(
                "A signed digest of what a trail delivered in an hour.",
                ("digestStartTime", Shape.Time("From when it covers.")),
                ("digestEndTime", Shape.Time("Until when.")),
                ("state", Shape.Choice("Whether it is written.", "planned", "sealed")),
                ("container", Shape.Text("Where it lies.")),
                ("object", Shape.Text("Its name.")),
                ("publicKeyFingerprint", Fingerprint),
                ("signatureAlgorithm", Algorithm),
                ("sealedTime?", Shape.Time("When it was written.")),
                ("hashValue?", Shape.Text("SHA-256 of its content, hexadecimal.")),
                ("signature?", Shape.Text("Its signature, hexadecimal.")),
                ("files?", Shape.Whole("Objects that it names.")),
                ("events?", Shape.Whole("Events in these."))).As("Digest"))))
    {
        Parameters =
        [
            TrailDescriptions.InPath, TrailDescriptions.IsOrganization, new("startTime", Shape.Time("Digests that end after this.")), new("endTime", Shape.Time("Digests that begin before this.")),
            AccountDescriptions.PageSize(DigestLedger.MaxPage, 100), EventDescriptions.Continuation with { Shape = Shape.Text("Where the page begins, from nextLink.", 20) },
        ],
        Problems = [ProblemType.TrailNotFound, ProblemType.NotOrganizationMasterAccount, ProblemType.InvalidContinuation],
    };

    public static readonly RouteDescription ListKeys = new(
        "List the public keys that prove digests.",
        Reply.Ok(
            "All keys of the time.",
            Shape.Page(Shape.Object(
                "A public key.",
                ("fingerprint", Fingerprint),
                ("signatureAlgorithm", Algorithm),
                ("validityStartTime", Shape.Time("It signs digests that end at or after this.")),
                ("validityEndTime?", Shape.Time("And before this.")),
                ("publicKey", Shape.Text("The key, SubjectPublicKeyInfo in DER.") with { Format = "byte" }),
                ("pem", Shape.Text("The same in PEM."))).As("PublicKey"))))
    {
        Details = "Keep the answer where whoever may write to the containers cannot.",
        Parameters = [new("startTime", Shape.Time("Keys that are valid after this.")), new("endTime", Shape.Time("Keys that are valid before this."))],
    };
}
