namespace ActionTrail.Events.Google;

/// <summary>What is known by name: kinds of events, verbs that read, calls that count as sensitive.</summary>
internal static class GoogleNames
{
    private static readonly byte[][] ReadVerbs = Utf8("get", "list", "read", "search", "aggregatedlist", "query", "describe", "batchget", "export", "download", "lookup", "test");

    // Last parts of methods, lower case: who may do what, keys, logs, networks, and leaving an organization.
    private static readonly byte[][] Sensitive = Utf8(
        "setiampolicy", "setorgpolicy", "createserviceaccountkey", "uploadserviceaccountkey", "createserviceaccount", "deleteserviceaccount", "createrole", "updaterole",
        "deletesink", "updatesink", "updatebucket", "deletebucket", "deletelog", "createexclusion", "updateexclusion", "destroycryptokeyversion", "updatecryptokeyversion",
        "generateaccesstoken", "signblob", "signjwt", "deleteproject", "accesssecretversion");

    public static ReadOnlySpan<byte> EventType(ReadOnlySpan<byte> log, JsonSlice service, ReadOnlySpan<byte> method) =>
        log.SequenceEqual("system_event"u8) ? "AliyunServiceEvent"u8
        : !service.Is("login.googleapis.com"u8) ? "ApiCall"u8
        : method.EndsWith(".logout"u8) ? "ConsoleSignout"u8
        : method.IndexOf(".LoginService.login"u8) >= 0 ? "ConsoleSignin"u8
        : "ApiCall"u8;

    /// <summary>Whether the last part of a method, such as <c>get</c> in <c>storage.objects.get</c>, starts with a verb that reads.</summary>
    public static bool IsRead(ReadOnlySpan<byte> method)
    {
        Span<byte> verb = stackalloc byte[64];
        verb = Lower(method, verb);
        foreach (var known in ReadVerbs)
        {
            if (verb.StartsWith(known))
            {
                return true;
            }
        }

        return false;
    }

    public static bool IsSensitive(ReadOnlySpan<byte> method)
    {
        Span<byte> name = stackalloc byte[64];
        name = Lower(method, name);
        foreach (var known in Sensitive)
        {
            if (name.SequenceEqual(known))
            {
                return true;
            }
        }

        return false;
    }

    // The part after the last dot or slash, cut to the buffer.
    private static Span<byte> Lower(ReadOnlySpan<byte> method, Span<byte> buffer)
    {
        var last = method[(method.LastIndexOfAny((byte)'.', (byte)'/') + 1)..];
        var length = Math.Min(last.Length, buffer.Length);
        System.Text.Ascii.ToLower(last[..length], buffer, out var written);
        return buffer[..written];
    }

    private static byte[][] Utf8(params string[] names) => [.. names.Select(System.Text.Encoding.UTF8.GetBytes)];
}
