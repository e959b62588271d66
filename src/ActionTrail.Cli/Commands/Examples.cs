namespace ActionTrail.Cli.Commands;

/// <summary>The examples below the help of each command. A test parses every one of them.</summary>
internal static class Examples
{
    private static readonly Dictionary<string, string[]> All = new(StringComparer.Ordinal)
    {
        ["actiontrail"] =
        [
            "export ACTIONTRAIL_ENDPOINT=http://localhost:7071 ACTIONTRAIL_KEY=operator:…",
            "actiontrail events query --last 2h",
        ],
        ["actiontrail events"] =
        [
            "actiontrail events send events.ndjson",
            "actiontrail events tail --output ndjson",
        ],
        ["actiontrail events send"] =
        [
            "actiontrail events send events.ndjson --resume events.state",
            "actiontrail events send cloudtrail.json.gz --account acme --on-error skip --rejects bad.ndjson",
            "tail -f audit.log | actiontrail events send -",
            "actiontrail events send big.ndjson --to hub --rate 5000",
        ],
        ["actiontrail events query"] =
        [
            "actiontrail events query --last 24h --user alice --event-rw Write",
            "actiontrail events query --start 2026-11-01 --end 2026-11-08 --output csv --columns eventTime,user,eventName",
            "actiontrail events query --sensitive-action --output ndjson --max-items 0",
        ],
        ["actiontrail events get"] = ["actiontrail events get 0f8fad5b-d9cb-469f-a165-70867728950e"],
        ["actiontrail events tail"] =
        [
            "actiontrail events tail",
            "actiontrail events tail --start 10m --service-name Ecs --output ndjson",
        ],
        ["actiontrail events histogram"] =
        [
            "actiontrail events histogram --last 24h --interval PT1H",
            "actiontrail events histogram --start 2026-11-01 --end 2026-11-08 --by user --values 3 --output csv",
        ],
        ["actiontrail events top"] =
        [
            "actiontrail events top --by user --last 7d",
            "actiontrail events top --by sourceIpAddress --limit 100 --error-code AccessDenied --output json",
        ],
        ["actiontrail events export"] =
        [
            "actiontrail events export --last 24h --file events.ndjson",
            "actiontrail events export --start 2026-11-01 --end 2026-11-08 --format csv --columns eventTime,user,eventName --file events.csv",
        ],
        ["actiontrail trail"] = ["actiontrail trail create audit-trail --container contoso-audit", "actiontrail trail start audit-trail"],
        ["actiontrail trail create"] =
        [
            "actiontrail trail create audit-trail --container contoso-audit --event-rw Write",
            "actiontrail trail create audit-trail --logstore audit --stream siem --log-analytics sentinel",
            "actiontrail trail create all-trail --organization --container contoso-audit --selectors selectors.json",
        ],
        ["actiontrail logstore"] = ["actiontrail logstore list", "actiontrail events query --logstore audit/actiontrail_main-trail --last 365d"],
        ["actiontrail logstore list"] = ["actiontrail logstore list --output json"],
        ["actiontrail logstore show"] = ["actiontrail logstore show audit/actiontrail_main-trail"],
        ["actiontrail logstore retention"] = ["actiontrail logstore retention audit/actiontrail_main-trail --days 730", "actiontrail logstore retention audit/actiontrail_main-trail --permanent"],
        ["actiontrail logstore delete"] = ["actiontrail logstore delete audit/actiontrail_old-trail --confirm actiontrail_old-trail"],
        ["actiontrail history"] = ["actiontrail history create audit-trail", "actiontrail history wait 1"],
        ["actiontrail history create"] = ["actiontrail history create audit-trail --client-token 2026-11-30"],
        ["actiontrail history list"] = ["actiontrail history list --output json"],
        ["actiontrail history show"] = ["actiontrail history show 1"],
        ["actiontrail history wait"] = ["actiontrail history wait 1 --interval 30s --timeout 6h"],
        ["actiontrail history cancel"] = ["actiontrail history cancel 1"],
        ["actiontrail history retry"] = ["actiontrail history retry 1"],
        ["actiontrail history delete"] = ["actiontrail history delete 1"],
        ["actiontrail digest"] = ["actiontrail digest list audit-trail --start 7d", "actiontrail digest keys --pem"],
        ["actiontrail digest list"] = ["actiontrail digest list audit-trail --start 2026-11-01 --end 2026-11-08"],
        ["actiontrail digest keys"] = ["actiontrail digest keys", "actiontrail digest keys --pem"],
        ["actiontrail digest status"] = ["actiontrail digest status audit-trail"],
        ["actiontrail digest start"] = ["actiontrail digest start audit-trail"],
        ["actiontrail digest stop"] = ["actiontrail digest stop audit-trail"],
        ["actiontrail trail list"] = ["actiontrail trail list --organization --output json"],
        ["actiontrail trail show"] = ["actiontrail trail show audit-trail"],
        ["actiontrail trail update"] = ["actiontrail trail update audit-trail --event-rw All --prefix audit/logs"],
        ["actiontrail trail start"] = ["actiontrail trail start audit-trail"],
        ["actiontrail trail stop"] = ["actiontrail trail stop audit-trail"],
        ["actiontrail trail delete"] = ["actiontrail trail delete audit-trail"],
        ["actiontrail trail status"] = ["actiontrail trail status audit-trail"],
        ["actiontrail trail undelivered"] = ["actiontrail trail undelivered audit-trail"],
        ["actiontrail trail redeliver"] = ["actiontrail trail redeliver audit-trail 1795330800000", "actiontrail trail redeliver audit-trail --all"],
        ["actiontrail account"] = ["actiontrail account create contoso --name Contoso"],
        ["actiontrail account create"] = ["actiontrail account create contoso --name Contoso"],
        ["actiontrail account list"] = ["actiontrail account list --output json"],
        ["actiontrail account show"] = ["actiontrail account show contoso"],
        ["actiontrail account rename"] = ["actiontrail account rename contoso --name Contoso"],
        ["actiontrail account disable"] = ["actiontrail account disable contoso"],
        ["actiontrail account enable"] = ["actiontrail account enable contoso"],
        ["actiontrail accesskey"] = ["actiontrail accesskey create --account contoso --role Auditor"],
        ["actiontrail accesskey create"] = ["actiontrail accesskey create --account contoso --role Auditor"],
        ["actiontrail accesskey list"] = ["actiontrail accesskey list --account contoso"],
        ["actiontrail accesskey show"] = ["actiontrail accesskey show ATABCDEFGHIJKLMNOPQR --account contoso"],
        ["actiontrail accesskey rotate"] = ["actiontrail accesskey rotate ATABCDEFGHIJKLMNOPQR --account contoso"],
        ["actiontrail accesskey disable"] = ["actiontrail accesskey disable ATABCDEFGHIJKLMNOPQR --account contoso"],
        ["actiontrail accesskey enable"] = ["actiontrail accesskey enable ATABCDEFGHIJKLMNOPQR --account contoso"],
        ["actiontrail accesskey delete"] = ["actiontrail accesskey delete ATABCDEFGHIJKLMNOPQR --account contoso"],
        ["actiontrail accesskey last-used"] = ["actiontrail accesskey last-used ATABCDEFGHIJKLMNOPQR --account contoso"],
        ["actiontrail directory"] = ["actiontrail directory create --name Contoso", "actiontrail directory invite fabrikam"],
        ["actiontrail directory create"] = ["actiontrail directory create --name Contoso"],
        ["actiontrail directory show"] = ["actiontrail directory show"],
        ["actiontrail directory delete"] = ["actiontrail directory delete"],
        ["actiontrail directory members"] = ["actiontrail directory members --output json"],
        ["actiontrail directory add"] = ["actiontrail directory add --name Research"],
        ["actiontrail directory invite"] = ["actiontrail directory invite fabrikam"],
        ["actiontrail directory remove"] = ["actiontrail directory remove fabrikam"],
        ["actiontrail directory delegates"] = ["actiontrail directory delegates"],
        ["actiontrail directory delegate"] = ["actiontrail directory delegate fabrikam"],
        ["actiontrail directory revoke"] = ["actiontrail directory revoke fabrikam"],
        ["actiontrail directory invitations"] = ["actiontrail directory invitations"],
        ["actiontrail directory accept"] = ["actiontrail directory accept rd-0123456789abcdef"],
        ["actiontrail directory decline"] = ["actiontrail directory decline rd-0123456789abcdef"],
        ["actiontrail configure"] = ["actiontrail configure --profile production --endpoint https://audit.example.com"],
        ["actiontrail completion"] = ["actiontrail completion bash"],
        ["actiontrail completion bash"] = ["actiontrail completion bash"],
        ["actiontrail completion zsh"] = ["actiontrail completion zsh"],
        ["actiontrail quarantine"] = ["actiontrail quarantine list"],
        ["actiontrail quarantine list"] = ["actiontrail quarantine list --order oldest --output ndjson"],
        ["actiontrail quarantine show"] =
        [
            "actiontrail quarantine show hub-0a1b2c3d-0001.4711.0",
            "actiontrail quarantine show hub-0a1b2c3d-0001.4711.0 --raw",
        ],
        ["actiontrail quarantine replay"] =
        [
            "actiontrail quarantine replay hub-0a1b2c3d-0001.4711.0",
            "actiontrail quarantine replay --all --dry-run",
        ],
        ["actiontrail proof"] = ["actiontrail proof get 0f8fad5b-d9cb-469f-a165-70867728950e --event e.json"],
        ["actiontrail proof get"] = ["actiontrail proof get 0f8fad5b-d9cb-469f-a165-70867728950e --event e.json"],
        ["actiontrail proof verify"] = ["actiontrail proof verify p.json --event e.json --checkpoint c.txt --public-key k.pub"],
        ["actiontrail checkpoint"] = ["actiontrail checkpoint save c.txt --public-key k.pub"],
        ["actiontrail checkpoint save"] = ["actiontrail checkpoint save c.txt --public-key k.pub"],
        ["actiontrail checkpoint list"] = ["actiontrail checkpoint list --output ndjson"],
        ["actiontrail checkpoint keys"] = ["actiontrail checkpoint keys"],
        ["actiontrail checkpoint verify"] =
        [
            "actiontrail checkpoint verify c.txt --public-key k.pub",
            "actiontrail checkpoint verify c.txt newer.txt --public-key k.pub --proof between.json",
        ],
        ["actiontrail verify"] = ["actiontrail verify store"],
        ["actiontrail verify store"] =
        [
            "actiontrail verify store --rows-only",
            "actiontrail verify store --output json --timeout 86400",
        ],
        ["actiontrail validate-logs"] =
        [
            "actiontrail validate-logs ./copy-of-container --public-keys keys.pem",
            "actiontrail validate-logs \"https://acme.blob.core.windows.net/audit?sv=…\" --trail main-trail --start 30d",
        ],
        ["actiontrail store"] = ["actiontrail store repair"],
        ["actiontrail store repair"] =
        [
            "actiontrail store repair --hours 24",
            "actiontrail store repair --accept-loss history/segments/00000007/0003/0",
        ],
    };

    public static IReadOnlyList<string>? Of(string commandPath) => All.GetValueOrDefault(commandPath);
}
