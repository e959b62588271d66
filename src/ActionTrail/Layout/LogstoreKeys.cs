namespace ActionTrail.Layout;

/// <summary>
/// Keys of table <c>logstores</c>: PK <c>{account}</c>, RK <c>{project}.{name}</c>; <c>~guard</c>: replaced by whoever makes a Logstore, so that none is made beyond the quota; <c>~deleted.{store}</c>: a
/// Logstore that was deleted and whose store is not erased yet. Neither project nor name holds a dot, and none begins with <c>~</c>.
/// </summary>
public static class LogstoreKeys
{
    public const string Guard = "~guard";

    /// <summary>Upper bound of the Logstores of an account, lower one of its other rows.</summary>
    public const string AfterLogstores = "~";

    private const string FirstDeleted = "~deleted.";

    public static string Deleted(StoreName store) => FirstDeleted + store;

    public static bool IsDeleted(string rowKey) => rowKey.StartsWith(FirstDeleted, StringComparison.Ordinal);

    public static bool IsLogstore(string rowKey) => !rowKey.StartsWith('~');

    public static string Logstore(string project, string name) => $"{project}.{name}";
}
