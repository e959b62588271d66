using Azure;

namespace ActionTrail.Azure.Tables;

/// <summary>A transaction was refused, and nothing of it happened.</summary>
public sealed class TableTransactionFailedException(RequestFailedException failure, int? failedTransactionActionIndex)
    : RequestFailedException(failure.Status, failure.Message, failure.ErrorCode, failure)
{
    /// <summary>The action that was refused, from 0; null when the service did not say.</summary>
    public int? FailedTransactionActionIndex { get; } = failedTransactionActionIndex;
}
