import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/** Validates the files it is given, each one resource as JSON: a line `ok     name` or `FAILED name: why` for each. */
class Validate {
  public static void main(String[] files) throws Exception {
    var context = FhirContext.forR4();
    var support = new ValidationSupportChain(
        new DefaultProfileValidationSupport(context),
        new CommonCodeSystemsTerminologyService(context),
        new InMemoryTerminologyServerValidationSupport(context),
        new SnapshotGeneratingValidationSupport(context));
    var validator = context.newValidator().registerValidatorModule(new FhirInstanceValidator(support));
    for (var file : files) check(validator, Path.of(file));
  }

  private static void check(FhirValidator validator, Path file) throws Exception {
    var name = file.getFileName().toString().replace(".json", "");
    var faults = validator.validateWithResult(Files.readString(file)).getMessages().stream()
        .filter(message -> message.getSeverity().compareTo(ResultSeverityEnum.ERROR) >= 0)
        .map(Validate::shown)
        .toList();
    if (faults.isEmpty()) System.out.println("ok     " + name);
    else System.out.println("FAILED " + name + ": " + String.join("; ", faults).replace('\n', ' '));
  }

  private static String shown(SingleValidationMessage message) {
    return message.getLocationString() + " " + message.getMessage();
  }
}
