namespace ActionTrail.Events.Azure;

/// <summary>The usual spelling of the namespaces of resource providers. The stream often carries them in upper case.</summary>
internal static class AzureProviders
{
    private static readonly string[] Names =
    [
        "Microsoft.AAD", "Microsoft.aadiam", "Microsoft.Advisor", "Microsoft.AlertsManagement", "Microsoft.AnalysisServices", "Microsoft.ApiManagement", "Microsoft.App",
        "Microsoft.AppConfiguration", "Microsoft.AppPlatform", "Microsoft.Attestation", "Microsoft.Authorization", "Microsoft.Automation", "Microsoft.AVS",
        "Microsoft.AzureActiveDirectory", "Microsoft.AzureArcData", "Microsoft.AzureStack", "Microsoft.AzureStackHCI", "Microsoft.Batch", "Microsoft.Billing",
        "Microsoft.Blueprint", "Microsoft.BotService", "Microsoft.Cache", "Microsoft.Capacity", "Microsoft.Cdn", "Microsoft.CertificateRegistration", "Microsoft.Chaos",
        "Microsoft.ClassicCompute", "Microsoft.ClassicNetwork", "Microsoft.ClassicStorage", "Microsoft.CloudShell", "Microsoft.CognitiveServices", "Microsoft.Communication",
        "Microsoft.Compute", "Microsoft.ConfidentialLedger", "Microsoft.Consumption", "Microsoft.ContainerInstance", "Microsoft.ContainerRegistry",
        "Microsoft.ContainerService", "Microsoft.CostManagement", "Microsoft.CustomProviders", "Microsoft.Dashboard", "Microsoft.DataBox", "Microsoft.DataBoxEdge",
        "Microsoft.Databricks", "Microsoft.DataFactory", "Microsoft.DataLakeAnalytics", "Microsoft.DataLakeStore", "Microsoft.DataMigration", "Microsoft.DataProtection",
        "Microsoft.DataShare", "Microsoft.DBforMariaDB", "Microsoft.DBforMySQL", "Microsoft.DBforPostgreSQL", "Microsoft.DesktopVirtualization", "Microsoft.DevCenter",
        "Microsoft.Devices", "Microsoft.DevTestLab", "Microsoft.DigitalTwins", "Microsoft.DocumentDB", "Microsoft.DomainRegistration", "Microsoft.ElasticSan",
        "Microsoft.EventGrid", "Microsoft.EventHub", "Microsoft.ExtendedLocation", "Microsoft.Fabric", "Microsoft.Features", "Microsoft.GuestConfiguration",
        "Microsoft.HDInsight", "Microsoft.HealthcareApis", "Microsoft.HybridCompute", "Microsoft.HybridConnectivity", "Microsoft.HybridNetwork", "Microsoft.ImportExport",
        "Microsoft.Insights", "Microsoft.IoTCentral", "Microsoft.KeyVault", "Microsoft.Kubernetes", "Microsoft.KubernetesConfiguration", "Microsoft.Kusto",
        "Microsoft.LabServices", "Microsoft.LoadTestService", "Microsoft.Logic", "Microsoft.MachineLearningServices", "Microsoft.Maintenance", "Microsoft.ManagedIdentity",
        "Microsoft.ManagedServices", "Microsoft.Management", "Microsoft.Maps", "Microsoft.Media", "Microsoft.Migrate", "Microsoft.MixedReality", "Microsoft.Monitor",
        "Microsoft.NetApp", "Microsoft.Network", "Microsoft.NotificationHubs", "Microsoft.OperationalInsights", "Microsoft.OperationsManagement", "Microsoft.PolicyInsights",
        "Microsoft.Portal", "Microsoft.PowerBI", "Microsoft.PowerBIDedicated", "Microsoft.Purview", "Microsoft.Quantum", "Microsoft.RecoveryServices", "Microsoft.RedHatOpenShift",
        "Microsoft.Relay", "Microsoft.ResourceGraph", "Microsoft.ResourceHealth", "Microsoft.Resources", "Microsoft.Search", "Microsoft.Security", "Microsoft.SecurityInsights",
        "Microsoft.ServiceBus", "Microsoft.ServiceFabric", "Microsoft.ServiceHealth", "Microsoft.ServiceLinker", "Microsoft.SignalRService", "Microsoft.Solutions", "Microsoft.Sql",
        "Microsoft.SqlVirtualMachine", "Microsoft.StandbyPool", "Microsoft.Storage", "Microsoft.StorageCache", "Microsoft.StorageMover", "Microsoft.StorageSync",
        "Microsoft.StreamAnalytics", "Microsoft.Subscription", "Microsoft.Support", "Microsoft.Synapse", "Microsoft.VideoIndexer", "Microsoft.VirtualMachineImages",
        "Microsoft.VisualStudio", "Microsoft.VoiceServices", "Microsoft.Web", "Microsoft.WorkloadMonitor", "Microsoft.Workloads",
    ];

    private static readonly AsciiTable<byte[]> Table = new([.. Names.Select(name => (name, System.Text.Encoding.ASCII.GetBytes(name)))]);

    /// <summary>The usual spelling; the given one when the namespace is not known.</summary>
    public static ReadOnlySpan<byte> Spell(ReadOnlySpan<byte> name) => Table.TryFind(name, out var usual) ? usual : name;
}
