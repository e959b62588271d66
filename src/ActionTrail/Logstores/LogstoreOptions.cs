using System.ComponentModel.DataAnnotations;

namespace ActionTrail.Logstores;

/// <summary>Settings of Logstores.</summary>
public sealed class LogstoreOptions
{
    /// <summary>Days for which a new Logstore keeps events; 0, the default: for ever, as ActionTrail's.</summary>
    [Range(0, Logstore.MaxRetentionDays)]
    public int RetentionDays { get; set; }
}
