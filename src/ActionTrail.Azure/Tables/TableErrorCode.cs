namespace ActionTrail.Azure.Tables;

/// <summary>Error codes of the service that callers tell apart; <see cref="global::Azure.RequestFailedException.ErrorCode"/> holds them.</summary>
public static class TableErrorCode
{
    public const string EntityAlreadyExists = "EntityAlreadyExists";
    public const string EntityNotFound = "EntityNotFound";
    public const string EntityTooLarge = "EntityTooLarge";
    public const string ResourceNotFound = "ResourceNotFound";
    public const string TableAlreadyExists = "TableAlreadyExists";
    public const string TableBeingDeleted = "TableBeingDeleted";
    public const string TableNotFound = "TableNotFound";
    public const string UpdateConditionNotSatisfied = "UpdateConditionNotSatisfied";
}
