using System.ComponentModel.DataAnnotations;

namespace ActionTrail.Logstores;

/// <summary>Settings of Logstores.</summary>
public sealed class LogstoreOptions
{
    /// <summary>Days for which a new Logstore keeps events; 0, the default: for ever, as ActionTrail's.</summary>
    [Range(0, Logstore.MaxRetentionDays)]
    public int RetentionDays { get; set; }

    /// <summary>Most Logstores of an account in this deployment, which is of one region. Default 20: they outlive their trails.</summary>
    [Range(1, 1000)]
    public int PerAccount { get; set; } = 20;
}
