using ActionTrail.Functions.OpenApi;

namespace ActionTrail.Functions.Rest;

/// <summary>What the OpenAPI document says of <see cref="ProofRoutes"/>.</summary>
internal static class ProofDescriptions
{
    private static readonly Shape Hash = Shape.Text("A hash, Base64.") with { Format = "byte" };

    private static readonly Shape Version = Shape.Whole("Version of the form of proofs.", 1);

    private static readonly Shape Checkpoint = Shape.Object(
        "A signed checkpoint of the log.",
        ("size", Shape.Whole("How many commits it covers.", 1)),
        ("root", Hash),
        ("signedAt", Shape.Time("When it was signed.")),
        ("note", Shape.Text("The signed note itself, to be kept."))).As("Checkpoint");

    private static readonly Shape Key = Shape.Object(
        "A public key that signed checkpoints.",
        ("key", Shape.Text("The key, as verifiers of signed notes take it.")),
        ("since", Shape.Time("Since when."))).As("CheckpointKey");

    public static readonly RouteDescription Proof = new(
        "Prove that an event is in the sealed log.",
        Reply.Ok(
            "The proof.",
            Shape.Object(
                "Proof that an event is in the log of a checkpoint.",
                ("version", Version),
                ("leafHash", Hash),
                ("index", Shape.Whole("Position of the event in its commit.")),
                ("path", Path("commit")),
                ("commit", Shape.Object(
                    "The commit of the event.",
                    ("committedAt", Shape.Time("When.")),
                    ("link", Hash),
                    ("events", Shape.Whole("How many events it has.")))),
                ("logIndex", Shape.Whole("Position of the commit in the log.")),
                ("logSize", Shape.Whole("Size of the log of the checkpoint.", 1)),
                ("logPath", Path("log")),
                ("checkpoint?", Shape.Text("The signed note of the checkpoint."))).As("EventProof")))
    {
        Parameters = [EventDescriptions.InPath, new("checkpoint", Size("Size of the checkpoint that the proof shall lead to; by default the newest."))],
        Problems = [ProblemType.EventNotFound, ProblemType.EventNotSealed, ProblemType.ProofNotAvailable, ProblemType.CheckpointNotFound],
    };

    public static readonly RouteDescription List = new("List signed checkpoints, newest first.", Reply.Ok("A page of checkpoints.", Shape.Page(Checkpoint)))
    {
        Parameters = [AccountDescriptions.PageSize(1000, 100), new("before", Size("List what comes before the checkpoint of this size."))],
    };

    public static readonly RouteDescription Keys = new("List every key that ever signed a checkpoint, oldest first.", Reply.Ok("All keys.", Shape.Page(Key)));

    public static readonly RouteDescription Get = new("Show a signed checkpoint.", Reply.Ok("The checkpoint.", Checkpoint))
    {
        Parameters = [new("size", Shape.Text("Its size, or latest."))],
        Problems = [ProblemType.CheckpointNotFound],
    };

    public static readonly RouteDescription Consistency = new(
        "Prove that the log of one size begins that of another.",
        Reply.Ok(
            "The proof.",
            Shape.Object(
                "Proof that one log is a beginning of another.",
                ("version", Version),
                ("from", Shape.Whole("The smaller size.", 1)),
                ("to", Shape.Whole("The larger size.", 1)),
                ("path", Path("log"))).As("ConsistencyProof")))
    {
        Parameters = [new("from", Shape.Text("The smaller size.")), new("to", Shape.Text("The larger size."))],
        Problems = [ProblemType.CheckpointNotFound],
    };

    private static Shape Path(string tree) => Shape.List($"Hashes from the leaf to the root of the {tree}.", Hash);

    private static Shape Size(string about) => Shape.Whole(about, 1);
}
