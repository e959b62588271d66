using ActionTrail.Functions.OpenApi;
using ActionTrail.Trails;

namespace ActionTrail.Functions.Rest;

/// <summary>What the OpenAPI document says of <see cref="DataEventRoutes"/>.</summary>
internal static class DataEventDescriptions
{
    private static readonly Shape Condition = Shape.Object(
        "Values that are taken, or values that are not; without either all are.",
        [.. TrailDescriptions.EachSpelling(("equals", Shape.List("Taken.", Shape.Text("A value."))), ("notEquals", Shape.List("Not taken.", Shape.Text("A value."))))]).As("ValueCondition");

    private static readonly Shape Selectors = Shape.Object(
        "The data events that a trail takes beside what its selectors take. Requests may spell members with a capital first letter.",
        [
            .. TrailDescriptions.EachSpelling(
                ("isTrailAllRegion", Shape.Flag("Data events of all regions.") with { IsNullable = true }),
                ("trailRegionIds", Shape.List("The regions otherwise.", Shape.Text("A region."))),
                ("eventSelectors", Shape.List("1 to 20; one that fits is enough.", Shape.Object(
                    "Data events of one service.",
                    [
                        .. TrailDescriptions.EachSpelling(
                            ("serviceName", Shape.Text("The service.") with { IsNullable = true }),
                            ("readWriteType", Shape.Choice<TrailEventRW>("By eventRW.")),
                            ("eventName", Condition),
                            ("resourceArn", Condition)),
                    ]).As("DataEventSelector")))),
        ]).As("DataEventSelectors");

    private static readonly ProblemType[] Problems = [ProblemType.TrailNotFound, ProblemType.NotOrganizationMasterAccount];

    private static readonly Parameter[] Parameters = [TrailDescriptions.InPath, TrailDescriptions.IsOrganization];

    public static readonly RouteDescription Put = new("Say which data events a trail takes.", Reply.Ok("The selectors.", Selectors) with { HasETag = true })
    {
        Parameters = Parameters,
        Takes = Selectors with { Example = """{"isTrailAllRegion":true,"eventSelectors":[{"serviceName":"Oss","eventName":{"equals":["GetObject"]}}]}""" },
        Problems = [.. Problems, ProblemType.Conflict],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription Get = new("Show which data events a trail takes.", Reply.Ok("The selectors.", Selectors) with { HasETag = true })
    {
        Parameters = Parameters,
        Problems = [.. Problems, ProblemType.DataEventSelectorNotFound],
    };

    public static readonly RouteDescription Delete = new("Have a trail take no data events any more.", Reply.NoContent("The selectors are gone."))
    {
        Parameters = Parameters,
        Problems = [.. Problems, ProblemType.DataEventSelectorNotFound, ProblemType.Conflict],
        HonoursIfMatch = true,
    };
}
