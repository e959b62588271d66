namespace ActionTrail.Directories;

/// <summary>How a call on directories ended.</summary>
public enum DirectoryOutcomeKind
{
    /// <summary>Something new is there.</summary>
    Created,

    /// <summary>Done, or it was so already.</summary>
    Ok,

    /// <summary>There is no such directory, member or invitation.</summary>
    NotFound,

    /// <summary>The account is in a directory.</summary>
    InDirectory,

    /// <summary>The account is a member of this directory.</summary>
    AlreadyMember,

    /// <summary>Only members can be delegated administrators, and the management account need not be one.</summary>
    NotMember,

    /// <summary>The id of the new account is taken.</summary>
    AccountTaken,

    /// <summary>As many members or administrators as there may be.</summary>
    QuotaExceeded,

    /// <summary>Others are members or invited.</summary>
    HasMembers,

    /// <summary>The directory has a multi-account trail.</summary>
    HasTrail,

    /// <summary>The resource is not in the version that the caller saw.</summary>
    PreconditionFailed,

    /// <summary>The directory changes too fast, or the account came and went too often. Repeat later.</summary>
    TooManyChanges,
}

/// <summary>The end of a call on directories. What it was about is set for Created and Ok, as far as it is still there.</summary>
public sealed record DirectoryOutcome(DirectoryOutcomeKind Kind, ResourceDirectory? Directory = null, DirectoryMember? Member = null);
