using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Logstores;

/// <summary>A Logstore that its owner deleted: nobody finds it any more, and its store is erased a grace later. The row goes when the store is gone.</summary>
/// <param name="Account">Who owned it.</param>
/// <param name="Name">Its name, which another may bear by now.</param>
/// <param name="Store">What is to be erased.</param>
/// <param name="DeletedAt">When it was deleted.</param>
public sealed record DeletedLogstore(string Account, LogstoreName Name, StoreName Store, DateTimeOffset DeletedAt)
{
    internal TableRow ToRow() => new TableRow(Account, LogstoreKeys.Deleted(Store))
        .With("Project", Name.Project).With("Name", Name.Name).With("Store", Store.ToString()).With("DeletedAt", DeletedAt).With("Version", 1);

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    internal static DeletedLogstore FromRow(TableRow row) => StoreName.TryParse(row.Known(1).GetString("Store"), out var store) && row.RowKey == LogstoreKeys.Deleted(store)
        ? new(row.PartitionKey, new(row.GetString("Project"), row.GetString("Name")), store, row.GetTime("DeletedAt"))
        : throw new StoreException(StoreErrorKind.Corrupt, $"Row {row.PartitionKey} / {row.RowKey} of deleted Logstores is unreadable.");
}
