using Azure.Core;

namespace ActionTrail.Azure.Tables;

/// <summary>Options of the Tables clients: what <see cref="ClientOptions"/> offers, with the service version.</summary>
public sealed class TableClientOptions(TableClientOptions.ServiceVersion version = TableClientOptions.ServiceVersion.V2019_02_02) : ClientOptions
{
    /// <summary>Versions of the Tables REST API that this client speaks.</summary>
    public enum ServiceVersion
    {
        /// <summary>2019-02-02, the version of the official client.</summary>
        V2019_02_02 = 1,
    }

    internal string VersionString { get; } = version == ServiceVersion.V2019_02_02
        ? "2019-02-02"
        : throw new ArgumentOutOfRangeException(nameof(version), version, "Unknown service version.");
}
