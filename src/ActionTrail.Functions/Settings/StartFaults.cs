using ActionTrail.Storage;

namespace ActionTrail.Functions.Settings;

/// <summary>What to say when the storage cannot be used at the start: one line with the setting, what happened, and what to do.</summary>
internal static class StartFaults
{
    public static string Tell(StoreException failure) =>
        $"The storage account of setting {AppSettings.DataAccount.Name} cannot be used: {failure.Message.ReplaceLineEndings(" ")} {Advise(failure.Kind)}";

    private static string Advise(StoreErrorKind kind) => kind switch
    {
        StoreErrorKind.Denied => "It refuses: the identity needs Storage Table, Blob and Queue Data Contributor on the account (a new assignment takes some minutes), or the key is wrong.",
        StoreErrorKind.Unavailable => "It cannot be reached: see its address, the network rules of the account, and DNS for private endpoints.",
        StoreErrorKind.Full => "It has no room: raise its quota, or make room.",
        StoreErrorKind.Throttled => "It is overloaded.",
        StoreErrorKind.NotFound => "It answers that there is no such account or service: see its address.",
        _ => "Something there is not as this app writes it: see that the account is the app's own.",
    };
}
