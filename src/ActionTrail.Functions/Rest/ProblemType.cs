namespace ActionTrail.Functions.Rest;

/// <summary>A kind of problem that the API answers with: RFC 9457 <c>type</c> is <c>/problems/{slug}</c>, <c>code</c> is stable for programs.</summary>
/// <param name="Code">Stable name, also in the header <c>x-ms-error-code</c>.</param>
/// <param name="Slug">Last segment of the type.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Title">The same sentence for every occurrence.</param>
internal sealed record ProblemType(string Code, string Slug, int Status, string Title)
{
    public string Type => "/problems/" + Slug;

    public static readonly ProblemType InvalidParameter = new("InvalidParameter", "invalid-parameter", 400, "A parameter or the body breaks a rule.");
    public static readonly ProblemType MalformedRequest = new("MalformedRequest", "malformed-request", 400, "The request could not be read.");
    public static readonly ProblemType InvalidEvents = new("InvalidEvents", "invalid-events", 400, "Events were refused; none of the request was stored.");
    public static readonly ProblemType InvalidContinuation = new("InvalidContinuation", "invalid-continuation", 400, "The continuation token does not belong to this query.");
    public static readonly ProblemType Unauthenticated = new("Unauthenticated", "unauthenticated", 401, "The credentials are missing or wrong.");
    public static readonly ProblemType Forbidden = new("Forbidden", "forbidden", 403, "The caller's role does not allow this operation.");
    public static readonly ProblemType NotOrganizationMasterAccount = new("NotOrganizationMasterAccount", "not-organization-master-account", 403, "Only the management account of a directory, or for trails its delegated administrators, may do this.");
    public static readonly ProblemType NotFound = new("NotFound", "not-found", 404, "There is nothing at this address.");
    public static readonly ProblemType AccountNotFound = new("AccountNotFound", "account-not-found", 404, "The account does not exist.");
    public static readonly ProblemType AccessKeyNotFound = new("AccessKeyNotFound", "access-key-not-found", 404, "The access key does not exist.");
    public static readonly ProblemType EventNotFound = new("EventNotFound", "event-not-found", 404, "The event does not exist.");
    public static readonly ProblemType OriginalNotFound = new("OriginalNotFound", "original-not-found", 404, "The event was not mapped from another format.");
    public static readonly ProblemType TrailNotFound = new("TrailNotFound", "trail-not-found", 404, "The trail does not exist.");
    public static readonly ProblemType LogstoreNotFound = new("LogstoreNotFound", "logstore-not-found", 404, "The Logstore does not exist.");
    public static readonly ProblemType DataEventSelectorNotFound = new("DataEventSelectorNotFound", "data-event-selector-not-found", 404, "The trail has no data event selectors.");
    public static readonly ProblemType DirectoryNotFound = new("DirectoryNotFound", "directory-not-found", 404, "The directory does not exist.");
    public static readonly ProblemType MemberNotFound = new("MemberNotFound", "member-not-found", 404, "The directory has no such member.");
    public static readonly ProblemType InvitationNotFound = new("InvitationNotFound", "invitation-not-found", 404, "The invitation does not exist or has expired.");
    public static readonly ProblemType DeliveryNotFound = new("DeliveryNotFound", "delivery-not-found", 404, "The delivery does not exist.");
    public static readonly ProblemType QuarantineRecordNotFound = new("QuarantineRecordNotFound", "quarantine-record-not-found", 404, "The quarantine record does not exist.");
    public static readonly ProblemType CheckpointNotFound = new("CheckpointNotFound", "checkpoint-not-found", 404, "There is no such checkpoint.");
    public static readonly ProblemType ProofNotAvailable = new("ProofNotAvailable", "proof-not-available", 404, "The event's commit is sealed without its events: it was made before there were proofs, or its events were lost.");
    public static readonly ProblemType HistoryJobNotFound = new("HistoryJobNotFound", "history-job-not-found", 404, "The history delivery job does not exist.");
    public static readonly ProblemType QueryTemplateNotFound = new("QueryTemplateNotFound", "query-template-not-found", 404, "The query template does not exist.");
    public static readonly ProblemType QueryRecordNotFound = new("QueryRecordNotFound", "query-record-not-found", 404, "The query record does not exist.");
    public static readonly ProblemType MethodNotAllowed = new("MethodNotAllowed", "method-not-allowed", 405, "The method is not offered at this address.");
    public static readonly ProblemType NotAcceptable = new("NotAcceptable", "not-acceptable", 406, "The answer is JSON, which the request does not accept.");
    public static readonly ProblemType AccountAlreadyExists = new("AccountAlreadyExists", "account-already-exists", 409, "The account exists already.");
    public static readonly ProblemType AccessKeyLimitExceeded = new("AccessKeyLimitExceeded", "access-key-limit-exceeded", 409, "The account has the most access keys that are allowed.");
    public static readonly ProblemType TrailAlreadyExists = new("TrailAlreadyExists", "trail-already-exists", 409, "A trail of this name exists already.");
    public static readonly ProblemType TrailLimitExceeded = new("TrailLimitExceeded", "trail-limit-exceeded", 409, "The account has the most trails that are allowed.");
    public static readonly ProblemType LogstoreLimitExceeded = new("LogstoreLimitExceeded", "logstore-limit-exceeded", 409, "The account has the most Logstores that are allowed.");
    public static readonly ProblemType LogstoreInUse = new("LogstoreInUse", "logstore-in-use", 409, "A trail or a history job delivers to the Logstore.");
    public static readonly ProblemType LogstoreHeld = new("LogstoreHeld", "logstore-held", 409, "A legal hold keeps what the Logstore holds.");
    public static readonly ProblemType HistoryJobRunning = new("HistoryJobRunning", "history-job-running", 409, "The account has a history delivery job that runs.");
    public static readonly ProblemType HistoryJobLimitExceeded = new("HistoryJobLimitExceeded", "history-job-limit-exceeded", 409, "The account keeps the most history delivery jobs that are allowed.");
    public static readonly ProblemType QueryTemplateLimitExceeded = new("QueryTemplateLimitExceeded", "query-template-limit-exceeded", 409, "The account has the most query templates that are allowed.");
    public static readonly ProblemType AccountInDirectory = new("AccountInDirectory", "account-in-directory", 409, "The account is in a directory already.");
    public static readonly ProblemType DirectoryLimitExceeded = new("DirectoryLimitExceeded", "directory-limit-exceeded", 409, "The directory has the most members or administrators that are allowed.");
    public static readonly ProblemType Conflict = new("Conflict", "conflict", 409, "The request does not fit the present state.");
    public static readonly ProblemType EventNotSealed = new("EventNotSealed", "event-not-sealed", 409, "The event is stored and not sealed yet.");
    public static readonly ProblemType PreconditionFailed = new("PreconditionFailed", "precondition-failed", 412, "The resource is not the version that If-Match names.");
    public static readonly ProblemType BodyTooLarge = new("BodyTooLarge", "body-too-large", 413, "The body is larger than allowed.");
    public static readonly ProblemType UnsupportedMediaType = new("UnsupportedMediaType", "unsupported-media-type", 415, "The body is not in a form that this operation reads.");
    public static readonly ProblemType TooManyRequests = new("TooManyRequests", "too-many-requests", 429, "Requests come more often than allowed.");
    public static readonly ProblemType InternalError = new("InternalError", "internal-error", 500, "Something went wrong on our side.");
    public static readonly ProblemType StoreUnavailable = new("StoreUnavailable", "store-unavailable", 503, "The store does not answer; whether a change happened is unknown.");
    public static readonly ProblemType StoreDamaged = new("StoreDamaged", "store-damaged", 503, "Something that the answer needs is not as it was stored; a part of the answer is never given for the whole.");

    /// <summary>All of them, in order of status.</summary>
    public static IReadOnlyList<ProblemType> All { get; } =
    [
        InvalidParameter, MalformedRequest, InvalidEvents, InvalidContinuation, Unauthenticated, Forbidden, NotOrganizationMasterAccount, NotFound, AccountNotFound, AccessKeyNotFound,
        EventNotFound, OriginalNotFound, TrailNotFound, LogstoreNotFound, DataEventSelectorNotFound, DirectoryNotFound, MemberNotFound, InvitationNotFound, DeliveryNotFound, QuarantineRecordNotFound, CheckpointNotFound, ProofNotAvailable,
        HistoryJobNotFound, QueryTemplateNotFound, QueryRecordNotFound, MethodNotAllowed, NotAcceptable, AccountAlreadyExists,
        AccessKeyLimitExceeded, TrailAlreadyExists, TrailLimitExceeded, LogstoreLimitExceeded, LogstoreInUse, LogstoreHeld, HistoryJobRunning, HistoryJobLimitExceeded, QueryTemplateLimitExceeded, AccountInDirectory, DirectoryLimitExceeded, Conflict, EventNotSealed, PreconditionFailed, BodyTooLarge, UnsupportedMediaType,
        TooManyRequests, InternalError, StoreUnavailable, StoreDamaged,
    ];
}
