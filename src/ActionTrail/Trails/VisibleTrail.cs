namespace ActionTrail.Trails;

/// <summary>How an account stands to a trail.</summary>
public enum TrailAccess
{
    /// <summary>It owns the trail.</summary>
    Own,

    /// <summary>The multi-account trail of a directory whose delegated administrator it is.</summary>
    Administered,

    /// <summary>The multi-account trail of a directory whose member it is: it may know of it and do nothing.</summary>
    Shadow,
}

/// <summary>A trail that an account sees.</summary>
public sealed record VisibleTrail(Trail Trail, TrailAccess Access);
