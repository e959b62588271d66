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
    /// <summary>Row key of a key under its id as partition key in table <c>accesskeys</c>.</summary>
    internal const string Row = "key";

    internal TableRow ToRow(byte[] sealedSecret) => new TableRow(AccessKeyId, Row)
        .With("AccountId", AccountId).With("Role", Role.ToString()).With("State", State.ToString()).With("CreatedAt", CreatedAt)
        .With("Secret", sealedSecret).With("Version", 1);

    internal static AccessKey FromRow(TableRow row) => new(
        row.PartitionKey, row.GetString("AccountId"), row.ReadEnum<Role>("Role"), row.ReadEnum<AccessKeyState>("State"), row.GetTime("CreatedAt"));
}

/// <summary>A new access key with its secret, which is shown this once.</summary>
/// <param name="Key">The key.</param>
/// <param name="Secret">40 characters of <c>A-Za-z0-9</c>.</param>
public sealed record IssuedAccessKey(AccessKey Key, string Secret);
