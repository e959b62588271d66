namespace ActionTrail.Tests.Events.Corpus;

/// <summary>Platform events.</summary>
internal static class PlatformRows
{
    public const string Good = """{"EventID":"p-1","EventTime":"2026-06-15T10:00:00Z","EventName":"RestartHost","EventProduct":"Ecs","EventMethod":"SystemWrite","EventLevel":"NOTICE","EventVersion":"1","EventDescription":"T-100","ResourceOwnerID":"1234567890","ResourceRegionID":"north-1","ResourceType":"instance","ResourceID":"i-1","EmployeeID":"emp-7","EventAdditionalDetail":{"a":1}}""";

    public static OddRecords All => new("platform", Good, "1234567890", "2026-06-15T10:00:00.000Z", "p-1")
    {
        { "no time", "EventTime", null, "Missing /EventTime" },
        { "time empty", "EventTime", "\"\"", "Missing /EventTime" },
        { "time an object", "EventTime", "{}", "Missing /EventTime" },
        { "seconds", "EventTime", "1781517600", "ok" },
        { "seconds as text", "EventTime", "\"1781517600\"", "ok" },
        { "milliseconds", "EventTime", "1781517600123", "ok at=2026-06-15T10:00:00.123Z" },
        { "eleven digits", "EventTime", "17815176001", "BadValue /EventTime" },
        { "a fraction", "EventTime", "1781517600.5", "BadValue /EventTime" },
        { "an exponent", "EventTime", "1.781517e9", "BadValue /EventTime" },
        { "a flag", "EventTime", "true", "BadValue /EventTime" },
        { "words", "EventTime", "\"yesterday\"", "BadValue /EventTime" },
        { "an offset", "EventTime", "\"2026-06-15T18:00:00+08:00\"", "ok" },
        { "second zero", "EventTime", "\"0000000000\"", "TooOld /EventTime" },
        { "the year 2286", "EventTime", "9999999999", "TooFarAhead /EventTime" },
        { "no id", "EventID", null, "ok id=derived" },
        { "id a number", "EventID", "17", "ok id=17" },
        { "id an object", "EventID", "{}", "ok id=derived" },
        { "id with an umlaut", "EventID", "\"ü\"", "ok id=derived" },
        { "id of 129 characters", "EventID", $"\"{new string('i', 129)}\"", "ok id=derived" },
        { "id in escapes", "EventID", "\"p\\u002d1\"", "ok" },
        { "two ids", "+", "\"EventID\":\"p-1\"", "BadValue /EventID" },
        { "two times", "+", "\"EventTime\":1781517600", "BadValue /EventTime" },
        { "no name", "EventName", null, "Missing /EventName" },
        { "name a list", "EventName", "[]", "Missing /EventName" },
        { "no product", "EventProduct", null, "Missing /EventProduct" },
        { "product null", "EventProduct", "null", "Missing /EventProduct" },
        { "no owner", "ResourceOwnerID", null, "Missing /ResourceOwnerID" },
        { "owner a number", "ResourceOwnerID", "987", "ok account=987" },
        { "owner a fraction", "ResourceOwnerID", "9.5", "ok account=9.5" },
        { "owner with a blank", "ResourceOwnerID", "\"a b\"", "BadValue /ResourceOwnerID" },
        { "owner of 65 characters", "ResourceOwnerID", $"\"{new string('9', 65)}\"", "BadValue /ResourceOwnerID" },
        { "owner negative", "ResourceOwnerID", "-5", "BadValue /ResourceOwnerID" },
        { "half a pair", "EventDescription", "\"\\ud800\"", "BadEncoding" },
        { "half a pair in a free field", "Free", "\"\\udfff\"", "BadEncoding" },
        { "resource a list", "ResourceID", "[\"i-1\"]", "ok" },
        { "resource absent", "ResourceID", null, "ok" },
        { "resource type a number", "ResourceType", "5", "ok" },
        { "employee an object", "EmployeeID", "{\"id\":1}", "ok" },
        { "detail text", "EventAdditionalDetail", "\"{\\\"a\\\":1}\"", "ok" },
        { "a long reason", "EventDescription", $"\"{new string('r', 5000)}\"", "ok" },
        { "all else null", """{"EventID":"p-1","EventTime":"2026-06-15T10:00:00Z","EventName":"R","EventProduct":"E","EventMethod":null,"EventLevel":null,"ResourceOwnerID":"1234567890","ResourceType":null,"ResourceID":null,"EmployeeID":null}""", "ok" },
        { "59 levels, and one by the wrapping", "Free", new string('[', 58) + new string(']', 58), "ok" },
        { "60 levels, and one by the wrapping", "Free", new string('[', 59) + new string(']', 59), "TooDeep" },
        { "names in lower case", Good.ToLowerInvariant(), "UnknownFormat" },
    };
}
