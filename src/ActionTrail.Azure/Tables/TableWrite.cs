using Azure.Core;

namespace ActionTrail.Azure.Tables;

/// <summary>How one write looks on the wire, alone or inside a transaction.</summary>
internal sealed record TableWrite(RequestMethod Method, string Path, string? IfMatch, byte[]? Body)
{
    public static TableWrite For(string table, TableTransactionAction action)
    {
        var entity = action.Entity;
        if (entity.PartitionKey is null || entity.RowKey is null)
            throw new ArgumentException("An entity has a PartitionKey and a RowKey.", nameof(action));
        if (action.ActionType == TableTransactionActionType.Add)
            return new(RequestMethod.Post, "/" + table, IfMatch: null, TableEntityJson.Write(entity));

        var path = TableRequests.EntityPath(table, entity.PartitionKey, entity.RowKey);
        var guard = action.ETag == default ? "*" : action.ETag.ToString("H");
        return action.ActionType switch
        {
            TableTransactionActionType.Delete => new(RequestMethod.Delete, path, guard, Body: null),
            TableTransactionActionType.UpdateMerge => new(RequestMethod.Patch, path, guard, TableEntityJson.Write(entity)),
            TableTransactionActionType.UpdateReplace => new(RequestMethod.Put, path, guard, TableEntityJson.Write(entity)),

            // Without If-Match the service inserts what is not there.
            TableTransactionActionType.UpsertMerge => new(RequestMethod.Patch, path, IfMatch: null, TableEntityJson.Write(entity)),
            TableTransactionActionType.UpsertReplace => new(RequestMethod.Put, path, IfMatch: null, TableEntityJson.Write(entity)),
            var other => throw new ArgumentOutOfRangeException(nameof(action), other, "Unknown action."),
        };
    }
}
