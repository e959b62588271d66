using System.Text.Json.Nodes;

namespace ActionTrail.Generator.Formats;

/// <summary>Google Cloud LogEntries with an AuditLog: admin activity, data access, system events and denials. Long operations come as first and last.</summary>
internal sealed class GoogleRecords(Scene scene) : IRecordMaker
{
    private static readonly (string Service, string Method, string Resource, string Type, string Permission)[] Activity =
    [
        ("compute.googleapis.com", "v1.compute.instances.insert", "zones/europe-west3-a/instances/web", "gce_instance", "compute.instances.create"),
        ("iam.googleapis.com", "google.iam.admin.v1.CreateServiceAccountKey", "serviceAccounts/robot", "service_account", "iam.serviceAccountKeys.create"),
        ("cloudresourcemanager.googleapis.com", "SetIamPolicy", "projects", "project", "resourcemanager.projects.setIamPolicy"),
        ("container.googleapis.com", "google.container.v1.ClusterManager.UpdateCluster", "locations/europe-west3/clusters/main", "gke_cluster", "container.clusters.update"),
        ("storage.googleapis.com", "storage.buckets.update", "buckets/contoso-exports", "gcs_bucket", "storage.buckets.update"),
        ("compute.googleapis.com", "v1.compute.firewalls.patch", "global/firewalls/allow-ssh", "gce_firewall_rule", "compute.firewalls.update"),
        ("cloudkms.googleapis.com", "DestroyCryptoKeyVersion", "locations/global/keyRings/main/cryptoKeys/orders", "cloudkms_cryptokey", "cloudkms.cryptoKeyVersions.destroy"),
        ("sqladmin.googleapis.com", "cloudsql.users.update", "instances/orders", "cloudsql_database", "cloudsql.users.update"),
    ];

    private static readonly (string Service, string Method, string Resource, string Type, string Permission)[] Access =
    [
        ("storage.googleapis.com", "storage.objects.get", "buckets/contoso-exports/objects/day.avro", "gcs_bucket", "storage.objects.get"),
        ("bigquery.googleapis.com", "google.cloud.bigquery.v2.JobService.Query", "jobs/bqjob", "bigquery_project", "bigquery.jobs.create"),
        ("secretmanager.googleapis.com", "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion", "secrets/mail/versions/3", "audited_resource", "secretmanager.versions.access"),
        ("storage.googleapis.com", "storage.objects.list", "buckets/contoso-exports", "gcs_bucket", "storage.objects.list"),
    ];

    public void Make(List<MadeRecord> records)
    {
        var log = scene.Below(100) switch { < 45 => "activity", < 88 => "data_access", < 96 => "system_event", _ => "policy" };
        var what = scene.Pick(log == "data_access" ? Access : Activity);
        var call = new Call(scene.One(scene.Organisation.Projects), scene.Person(), scene.Time(), log, log == "policy" || scene.Fails());
        if (log == "activity" && !call.Fails && what.Service == "compute.googleapis.com")
        {
            var operation = $"operation-{scene.Digits(13)}-{scene.Hex(12)}";
            records.Add(Entry(call, what, (operation, "first")));
            records.Add(Entry(call with { Time = call.Time.AddMilliseconds(1_500 + scene.Below(20_000)) }, what, (operation, "last")));
            return;
        }
        records.Add(Entry(call, what, operation: null));
    }

    private MadeRecord Entry(Call call, (string Service, string Method, string Resource, string Type, string Permission) what, (string Id, string Place)? operation)
    {
        var bySystem = call.Log == "system_event";
        var email = bySystem ? "system@google.com" : call.Person.IsMachine ? $"{call.Person.Role.ToLowerInvariant()}@{call.Project}.iam.gserviceaccount.com" : call.Person.Upn;
        var address = scene.AddressOf(call.Person);
        var name = $"projects/{call.Project}/{what.Resource}";
        var request = new JsonObject { ["@type"] = $"type.googleapis.com/{what.Method}", ["name"] = name };
        var hasSecret = false;
        if (what.Method == "cloudsql.users.update")
        {
            request["body"] = new JsonObject { ["name"] = "orders", ["password"] = PlantedSecrets.Password(ref scene.Chance) };
            hasSecret = true;
        }
        var payload = new JsonObject
        {
            ["@type"] = "type.googleapis.com/google.cloud.audit.AuditLog",
            ["status"] = call.Fails ? new JsonObject { ["code"] = 7, ["message"] = $"Permission '{what.Permission}' denied on resource '{name}' (or it may not exist)." } : new JsonObject(),
            ["authenticationInfo"] = new JsonObject { ["principalEmail"] = email, ["principalSubject"] = $"{(call.Person.IsMachine ? "serviceAccount" : "user")}:{email}" },
            ["requestMetadata"] = new JsonObject { ["callerIp"] = address, ["callerSuppliedUserAgent"] = "google-cloud-sdk gcloud/466.0.0 command/gcloud.compute,gzip(gfe)", ["requestAttributes"] = new JsonObject { ["time"] = Scene.Iso(call.Time, 6), ["auth"] = new JsonObject() }, ["destinationAttributes"] = new JsonObject() },
            ["serviceName"] = what.Service,
            ["methodName"] = what.Method,
            ["authorizationInfo"] = new JsonArray(new JsonObject { ["resource"] = name, ["permission"] = what.Permission, ["granted"] = !call.Fails, ["resourceAttributes"] = new JsonObject { ["service"] = what.Service, ["name"] = name }, ["permissionType"] = call.Log == "data_access" ? "DATA_READ" : "ADMIN_WRITE" }),
            ["resourceName"] = name,
            ["resourceLocation"] = new JsonObject { ["currentLocations"] = new JsonArray("europe-west3") },
            ["request"] = request,
        };
        if (what.Method == "google.iam.admin.v1.CreateServiceAccountKey" && !call.Fails)
        {
            payload["response"] = new JsonObject { ["@type"] = "type.googleapis.com/google.iam.admin.v1.ServiceAccountKey", ["key_type"] = 1, ["privateKeyData"] = PlantedSecrets.Key(ref scene.Chance) };
            hasSecret = true;
        }
        var id = scene.Name(14);
        var entry = new JsonObject
        {
            ["logName"] = $"projects/{call.Project}/logs/cloudaudit.googleapis.com%2F{call.Log}",
            ["resource"] = new JsonObject { ["type"] = what.Type, ["labels"] = new JsonObject { ["project_id"] = call.Project, ["location"] = "europe-west3" } },
            ["timestamp"] = Scene.Iso(call.Time, 6),
            ["receiveTimestamp"] = Scene.Iso(call.Time.AddMilliseconds(640), 6),
            ["severity"] = call.Fails ? "ERROR" : call.Log == "data_access" ? "INFO" : "NOTICE",
            ["insertId"] = id,
            ["protoPayload"] = payload,
        };
        if (operation is { } lasting)
            entry["operation"] = new JsonObject { ["id"] = lasting.Id, ["producer"] = what.Service, [lasting.Place] = true };
        if (scene.IsOdd())
            MakeOdd(entry, payload);
        return new MadeRecord(scene.Bytes(entry), new ExpectedEvent
        {
            AccountId = call.Project,
            EventTime = call.Time,
            EventName = what.Method,
            UserName = email,
            SourceIpAddress = address,
            HasSecret = hasSecret,
        });
    }

    // Other exporters: no "@type", an unescaped log name, nine digits, no place of reception.
    private void MakeOdd(JsonObject entry, JsonObject payload)
    {
        switch (scene.Below(4))
        {
            case 0:
                payload.Remove("@type");
                break;
            case 1:
                entry["logName"] = entry["logName"]!.GetValue<string>().Replace("%2F", "/", StringComparison.Ordinal);
                break;
            case 2:
                entry["timestamp"] = entry["timestamp"]!.GetValue<string>().Replace("Z", "123Z", StringComparison.Ordinal);
                break;
            default:
                entry.Remove("receiveTimestamp");
                break;
        }
    }

    private sealed record Call(string Project, Person Person, DateTimeOffset Time, string Log, bool Fails);
}
