using System.ComponentModel.DataAnnotations;
using ActionTrail.Logstores;

namespace ActionTrail.Trails;

/// <summary>Settings of the trails slice, section <c>ActionTrail:Trails</c>.</summary>
public sealed class TrailsOptions
{
    /// <summary>The region of this deployment: home region of every trail that is made here. Default <c>local</c>.</summary>
    [Required, RegularExpression("^[A-Za-z0-9][A-Za-z0-9-]{0,63}$")]
    public string Region { get; set; } = "local";

    /// <summary>Most single-account trails of an account in one home region. Default 5, as ActionTrail.</summary>
    [Range(1, 50)]
    public int TrailsPerAccount { get; set; } = 5;

    /// <summary>How long a trail remembers when it logged: at least as long as history jobs reach back, which is the retention. Default 90 days.</summary>
    public TimeSpan LoggingMemory { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Of the Logstores that trails make.</summary>
    public LogstoreOptions Logstores { get; set; } = new();
}
