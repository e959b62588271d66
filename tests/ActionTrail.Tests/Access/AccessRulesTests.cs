using ActionTrail.Access;

namespace ActionTrail.Tests.Access;

public class AccessRulesTests
{
    // One column per role: Administrator, TrailAdministrator, Auditor, Publisher. A new operation fails this test until it has a line.
    private const string Matrix = """
        LookupEvents           A - U -  read
        GetEvent               A - U -  read
        GetOriginalRecord      A - U -  read
        GetEventHistogram      A - U -  read
        GetTopValues           A - U -  read
        ExportEvents           A - U -  read
        GetEventProof          A - U -  read
        ListCheckpoints        A - U -  read
        ListCheckpointKeys     A - U -  read
        GetCheckpoint          A - U -  read
        GetConsistencyProof    A - U -  read
        GetCallerIdentity      A T U P  read
        PublishEvents          A - - P  write
        CreateTrail            A T - -  write
        DescribeTrails         A T U -  read
        GetTrail               A T U -  read
        UpdateTrail            A T - -  write
        DeleteTrail            A T - -  write
        StartLogging           A T - -  write
        StopLogging            A T - -  write
        GetTrailStatus         A T U -  read
        ListDigests            A T U -  read
        ListPublicKeys         A T U -  read
        ListDeliveries         A T U -  read
        RedeliverWindow        A T - -  write
        RedeliverTrail         A T - -  write
        CancelDeliveryHistoryJob A T - -  write
        RetryDeliveryHistoryJob A T - -  write
        PutDataEventSelector   A T - -  write
        GetDataEventSelector   A T U -  read
        DeleteDataEventSelector A T - - write
        ListLogstores          A T U -  read
        GetLogstore            A T U -  read
        UpdateLogstore         A T - -  write
        DeleteLogstore         A - - -  write
        CreateDirectory        A - - -  write
        ListDirectories        A - U -  read
        GetDirectory           A - U -  read
        DeleteDirectory        A - - -  write
        CreateMember           A - - -  write
        ListMembers            A - U -  read
        GetMember              A - U -  read
        RemoveMember           A - - -  write
        InviteAccount          A - - -  write
        ListInvitations        A - U -  read
        AcceptInvitation       A - - -  write
        DeclineInvitation      A - - -  write
        RegisterDelegatedAdministrator A - - - write
        DeregisterDelegatedAdministrator A - - - write
        ListDelegatedAdministrators A - U - read
        GetAccount             A T U -  read
        CreateAccessKey        A - - -  write
        ListAccessKeys         A - - -  read
        GetAccessKey           A - - -  read
        UpdateAccessKey        A - - -  write
        DeleteAccessKey        A - - -  write
        RotateAccessKey        A - - -  write
        GetAccessKeyLastUsedInfo A - U - read
        CreateAccount          - - - -  write
        ListAccounts           - - - -  read
        UpdateAccount          - - - -  write
        ListQuarantine         - - - -  read
        GetQuarantineRecord    - - - -  read
        ReplayQuarantineRecord - - - -  write
        VerifyStore            - - - -  read
        RepairStore            - - - -  write
        PurgeEvents            - - - -  write
        HoldEvents             - - - -  write
        ReleaseEvents          - - - -  write
        GetHold                - - - -  read
        ListAccountHolds       - - - -  read
        HoldAccount            - - - -  write
        ReleaseAccount         - - - -  write
        DescribeResourceLifeCycleEvents A - U -  read
        DescribeUserLogCount            A - U -  read
        DescribeUserAlertCount          A - U -  read
        GetGovernanceMetrics            A - U -  read
        GetAccessKeyLastUsedEvents      A - U -  read
        GetAccessKeyLastUsedIps         A - U -  read
        GetAccessKeyLastUsedProducts    A - U -  read
        GetAccessKeyLastUsedResources   A - U -  read
        DescribeAdvancedQueryHistory    A - U -  read
        DescribeAdvancedQueryTemplate   A - U -  read
        GetAdvancedQueryTemplate        A - U -  read
        DescribeScenes                  A - U -  read
        DescribeSearchTemplates         A - U -  read
        GetInsightTypes                 A - U -  read
        GetInsightsEventsCount          A - U -  read
        LookupInsightEvents             A - U -  read
        DescribeRegions                 A T U -  read
        DescribeTrailDeliveryMetricData A T U -  read
        DescribeUserTrailCount          A T U -  read
        ListDataEventSelectors          A T U -  read
        ListDataEventServices           A T U -  read
        GetDeliveryHistoryJob           A T U -  read
        ListDeliveryHistoryJobs         A T U -  read
        GetGlobalEventsStorageRegion    A T U -  read
        GetInsightSelectors             A T U -  read
        CreateDeliveryHistoryJob        A T - -  write
        DeleteDeliveryHistoryJob        A T - -  write
        UpdateGlobalEventsStorageRegion A T - -  write
        PutInsightSelectors             A T - -  write
        CreateAdvancedQueryHistory      A - - -  write
        CreateAdvancedQueryTemplate     A - - -  write
        DeleteAdvancedQueryHistory      A - - -  write
        DeleteAdvancedQueryTemplate     A - - -  write
        UpdateAdvancedQueryTemplate     A - - -  write
        EnableInsight                   A - - -  write
        DisableInsight                  A - - -  write
        """;

    private static readonly Role[] Columns = [Role.Administrator, Role.TrailAdministrator, Role.Auditor, Role.Publisher];

    private static readonly string[] Rows = Matrix.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public static TheoryData<string> Lines => [.. Rows];

    [Theory]
    [MemberData(nameof(Lines))]
    public void The_rules_are_the_table(string line)
    {
        var cells = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var operation = Enum.Parse<Operation>(cells[0]);

        for (var i = 0; i < Columns.Length; i++)
            Assert.Equal(cells[i + 1] != "-", AccessRules.Allows(Columns[i], operation));
        Assert.True(AccessRules.Allows(Role.Operator, operation));
        Assert.Equal(cells[5] == "write", AccessRules.IsWrite(operation));
        Assert.Equal(cells[1] == "-", AccessRules.IsOperatorOnly(operation));
    }

    [Fact]
    public void Every_operation_has_a_line() =>
        Assert.Equal(Enum.GetNames<Operation>().Order(), Rows.Select(static line => line.Split(' ')[0]).Order());

    [Fact]
    public void A_role_that_does_not_exist_may_nothing() =>
        Assert.DoesNotContain(Enum.GetValues<Operation>(), static operation => AccessRules.Allows((Role)99, operation));
}
