using ActionTrail.Storage;

namespace ActionTrail.Access;

/// <summary>Whether an access key works.</summary>
public enum AccessKeyState
{
    Active,
    Inactive,
}

/// <summary>An access key of an account, without its secret.</summary>
/// <param name="AccessKeyId"><c>AT</c> and 18 characters of <c>A-Z2-7</c>.</param>
/// <param name="AccountId">The account it belongs to.</param>
/// <param name="Role">What it may do; never <see cref="Role.Operator"/>.</param>
/// <param name="State">Whether it works.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record AccessKey(string AccessKeyId, string AccountId, Role Role, AccessKeyState State, DateTimeOffset CreatedAt)
{
    /// <summary>The key that was there first, before all rotations; its own id when it was not made by one.</summary>
    public string Line { get; init; } = AccessKeyId;

    /// <summary>The key that a rotation made this one from; null when none did.</summary>
    public string? RotatedFrom { get; init; }

    /// <summary>The version of its row.</summary>
    public string ETag { get; init; } = "";

    /// <summary>Row key of a key under its id as partition key in table <c>accesskeys</c>.</summary>
    internal const string Row = "key";

    internal TableRow ToRow(byte[] sealedSecret) => new TableRow(AccessKeyId, Row)
        .With("AccountId", AccountId).With("Role", Role.ToString()).With("State", State.ToString()).With("CreatedAt", CreatedAt)
        .With("Secret", sealedSecret).With("Line", Line == AccessKeyId ? null : Line).With("RotatedFrom", RotatedFrom).With("Version", 1);

    internal static AccessKey FromRow(TableRow row) => new(
        row.PartitionKey, row.Known(1).GetString("AccountId"), row.ReadEnum<Role>("Role"), row.ReadEnum<AccessKeyState>("State"), row.GetTime("CreatedAt"))
    {
        Line = row.FindString("Line") ?? row.PartitionKey,
        RotatedFrom = row.FindString("RotatedFrom"),
        ETag = row.ETag!,
    };
}

/// <summary>A new access key with its secret, which is shown this once.</summary>
/// <param name="Key">The key.</param>
/// <param name="Secret">40 characters of <c>A-Za-z0-9</c>.</param>
public sealed record IssuedAccessKey(AccessKey Key, string Secret);

/// <summary>Why a key was not rotated.</summary>
public enum KeyRotationRefusal
{
    /// <summary>The account has no such key.</summary>
    NotFound,

    /// <summary>The key is not in the version that was named.</summary>
    OtherVersion,

    /// <summary>The key is inactive: it has no use that a new one could take over.</summary>
    Inactive,

    /// <summary>Two keys of the line are active already: the change-over before is not finished.</summary>
    LineIsFull,

    /// <summary>The account has the most keys that are allowed.</summary>
    AccountIsFull,
}

/// <summary>What came of a rotation: the new key, or why there is none.</summary>
public sealed record KeyRotation(IssuedAccessKey? Issued, KeyRotationRefusal? Refusal);
