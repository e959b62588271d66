namespace ActionTrail.Layout;

/// <summary>Keys of table <c>logstores</c>: PK <c>{account}</c>, RK <c>{project}.{name}</c>. Neither project nor name holds a dot.</summary>
public static class LogstoreKeys
{
    public static string Logstore(string project, string name) => $"{project}.{name}";
}
