using System.Text;
using System.Text.Json;
using ActionTrail.Azure;
using ActionTrail.Azure.Tables;
using Azure;

namespace ActionTrail.Storage.Tests.Tables;

/// <summary>The bytes and texts of the Tables protocol, without a service.</summary>
public sealed class TableWireTests
{
    [Fact]
    public void The_signature_covers_date_account_and_encoded_path()
    {
        var path = TableRequests.EntityPath("events", "it's", "é +");
        var uri = new Uri("http://127.0.0.1:10002/devstoreaccount1" + path + "?$select=A&timeout=3");
        var text = TableSharedKeyPolicy.StringToSign("Sun, 01 Mar 2026 12:00:00 GMT", "devstoreaccount1", uri);
        Assert.Equal("Sun, 01 Mar 2026 12:00:00 GMT\n/devstoreaccount1/devstoreaccount1/events(PartitionKey='it%27%27s',RowKey='%C3%A9%20%2B')", text);

        // Computed with another implementation of HMAC-SHA256.
        Assert.Equal("M8XYdHW+IZtaIRTMD+ukXw4Ka16npu0TyW+XVl9lZ10=", new TableSharedKeyCredential(TableConnectionString.DevelopmentAccount, TableConnectionString.DevelopmentKey).Sign(text));
    }

    [Fact]
    public void Only_comp_of_the_query_is_signed()
    {
        var text = TableSharedKeyPolicy.StringToSign("date", "acme", new Uri("https://acme.table.core.windows.net/?restype=service&comp=properties"));
        Assert.Equal("date\n/acme/?comp=properties", text);
    }

    [Fact]
    public void Values_become_literals_in_filters_and_quotes_are_doubled()
    {
        var time = new DateTimeOffset(2026, 3, 1, 13, 0, 0, TimeSpan.FromHours(1)).AddTicks(7);
        FormattableString filter = $"A eq {"it's ' or 1 eq 1"} and B eq {5} and C eq {5L} and D eq {true} and E ge {time} and F eq {new byte[] { 255, 0 }}";
        Assert.Equal(
            "A eq 'it''s '' or 1 eq 1' and B eq 5 and C eq 5L and D eq true and E ge datetime'2026-03-01T12:00:00.0000007Z' and F eq X'FF00'",
            TableClient.CreateQueryFilter(filter));
    }

    [Fact]
    public void Entities_are_ascii_json_with_the_types_that_json_does_not_tell()
    {
        var entity = new TableEntity("p", "é") { ["L"] = 5L, ["D"] = 3.0, ["N"] = double.NaN, ["T"] = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), ["Skip"] = null, ["odata.etag"] = "x" };
        Assert.Equal(
            """{"PartitionKey":"p","RowKey":"\u00E9","L@odata.type":"Edm.Int64","L":"5","D@odata.type":"Edm.Double","D":3.0,"N@odata.type":"Edm.Double","N":"NaN","T@odata.type":"Edm.DateTime","T":"2026-03-01T00:00:00.0000000Z"}""",
            Encoding.UTF8.GetString(TableEntityJson.Write(entity)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"A":{}}""")]
    [InlineData("""{"A@odata.type":"Edm.Int64","A":"x"}""")]
    [InlineData("""{"A@odata.type":"Edm.Guid","A":7}""")]
    [InlineData("""{"A":"cut""")]
    public void What_is_no_entity_is_refused(string body) =>
        Assert.ThrowsAny<JsonException>(() => TableEntityJson.ReadOne(Encoding.UTF8.GetBytes(body), new TableEntity()));

    [Fact]
    public void A_transaction_is_one_change_set_of_requests()
    {
        var body = Encoding.UTF8.GetString(TableBatch.Write("https://acme.example", "events",
        [
            new(TableTransactionActionType.Add, new TableEntity("p", "a")),
            new(TableTransactionActionType.Delete, new TableEntity("p", "it's")),
            new(TableTransactionActionType.UpdateReplace, new TableEntity("p", "c"), new ETag("W/\"1\"")),
        ]));
        Assert.StartsWith("--batch_actiontrail\r\nContent-Type: multipart/mixed; boundary=changeset_actiontrail\r\n\r\n--changeset_actiontrail\r\n", body, StringComparison.Ordinal);
        Assert.Contains("\r\nPOST https://acme.example/events HTTP/1.1\r\n", body, StringComparison.Ordinal);
        Assert.Contains("\r\nDELETE https://acme.example/events(PartitionKey='p',RowKey='it%27%27s') HTTP/1.1\r\n", body, StringComparison.Ordinal);
        Assert.Contains("\r\nIf-Match: *\r\n", body, StringComparison.Ordinal);
        Assert.Contains("\r\nIf-Match: W/\"1\"\r\n", body, StringComparison.Ordinal);
        Assert.EndsWith("\r\n--changeset_actiontrail--\r\n--batch_actiontrail--\r\n", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    public void The_answers_of_a_transaction_come_apart(string line)
    {
        var responses = TableBatch.Read(Answer("--o|Content-Type: multipart/mixed; boundary=i||--i|Content-Type: application/http||HTTP/1.1 204 No Content|ETag: W/\"1\"|||--i|Content-Type: application/http||HTTP/1.1 409 Conflict||{\"odata.error\":{\"code\":\"X\",\"message\":{\"value\":\"7:y\"}}}|--i--|--o--|".Replace("|", line, StringComparison.Ordinal)));
        Assert.Equal([204, 409], responses.Select(r => r.Status));
        Assert.Equal("W/\"1\"", responses[0].Headers.ETag?.ToString("H"));
        var error = TableErrorParser.Find(responses[1]);
        Assert.Equal(("X", 7), (error!.Code, TableBatch.FailedIndex(error.Message)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--o\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 204 No Content\r\n")]
    [InlineData("--o\r\nContent-Type: application/http\r\n\r\nnonsense\r\n--o--")]
    public void A_cut_answer_is_no_success(string body) => Assert.Throws<InvalidDataException>(() => TableBatch.Read(Answer(body)));

    [Theory]
    [InlineData(0, null, StoreErrorKind.Unavailable)]
    [InlineData(400, "PopReceiptMismatch", StoreErrorKind.Conflict)]
    [InlineData(400, "InvalidInput", StoreErrorKind.Denied)]
    [InlineData(401, "NoAuthenticationInformation", StoreErrorKind.Denied)]
    [InlineData(403, "AuthorizationFailure", StoreErrorKind.Denied)]
    [InlineData(404, "TableNotFound", StoreErrorKind.NotFound)]
    [InlineData(408, null, StoreErrorKind.Unavailable)]
    [InlineData(409, "EntityAlreadyExists", StoreErrorKind.Conflict)]
    [InlineData(409, "TableBeingDeleted", StoreErrorKind.Unavailable)]
    [InlineData(409, "ContainerBeingDeleted", StoreErrorKind.Unavailable)]
    [InlineData(409, "BlobImmutableDueToPolicy", StoreErrorKind.Denied)]
    [InlineData(412, "UpdateConditionNotSatisfied", StoreErrorKind.Conflict)]
    [InlineData(416, "InvalidRange", StoreErrorKind.Corrupt)]
    [InlineData(429, "TooManyRequests", StoreErrorKind.Throttled)]
    [InlineData(500, "OperationTimedOut", StoreErrorKind.Unavailable)]
    [InlineData(501, "APINotImplemented", StoreErrorKind.Denied)]
    [InlineData(503, "ServerBusy", StoreErrorKind.Throttled)]
    [InlineData(504, null, StoreErrorKind.Unavailable)]
    public void Status_and_code_decide_the_kind(int status, string? code, StoreErrorKind kind) =>
        Assert.Equal(kind, StoreErrors.Translate("x", new RequestFailedException(status, "m", code, innerException: null)).Kind);

    [Fact]
    public void Cancellation_by_the_caller_and_bugs_are_no_storage_failures()
    {
        var cancelled = new CancellationToken(canceled: true);
        Assert.False(StoreErrors.IsStorageFailure(new TaskCanceledException(), cancelled));
        Assert.True(StoreErrors.IsStorageFailure(new TaskCanceledException(), CancellationToken.None));
        Assert.False(StoreErrors.IsStorageFailure(new InvalidOperationException("bug"), CancellationToken.None));
        Assert.False(StoreErrors.IsStorageFailure(new FileNotFoundException(), CancellationToken.None));
        var busy = new RequestFailedException(503, "m", "ServerBusy", innerException: null);
        Assert.Equal(StoreErrorKind.Throttled, StoreErrors.Translate("x", new AggregateException(new IOException(), busy)).Kind);
        Assert.Equal(StoreErrorKind.Unavailable, StoreErrors.Translate("x", new AggregateException(new IOException())).Kind);
    }

    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("eyJhIjoxfQ==", "{\"a\":1}")]
    [InlineData("/////w==", "/////w==")]
    public void Queue_text_is_base64_of_text_or_what_it_is(string body, string text) => Assert.Equal(text, AzureQueueStore.Decode(body));

    private static TableBatchResponse Answer(string body) =>
        new(202, "Accepted", [("Content-Type", "multipart/mixed; boundary=o")], Encoding.UTF8.GetBytes(body), "id");
}
